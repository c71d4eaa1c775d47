-- Whether somebody writes where they did not write before is asked of the latest intents, and of each whether there is an earlier one
-- of the same person in the same place. Intents are few among events.
CREATE INDEX events_by_intent ON events (at) WHERE phase = 'intent';
CREATE INDEX events_by_writer ON events (person, resource, at) WHERE phase = 'intent';
