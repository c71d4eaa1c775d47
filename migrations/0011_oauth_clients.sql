-- The network that a client registered itself from, while nobody has consented to it: no network takes all the room
-- there is for such clients. Under a key, because it says where somebody was.
ALTER TABLE clients ADD COLUMN registered_from TEXT;
CREATE INDEX clients_by_network ON clients (registered_from) WHERE registered_from IS NOT NULL;
