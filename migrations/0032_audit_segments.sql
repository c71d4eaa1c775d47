-- Events that are older than they are kept here may have to be kept elsewhere for longer. So retention can move them to a bucket,
-- a thousand at a time, and a row proves what was moved.
CREATE TABLE audit_segments (
    number INTEGER PRIMARY KEY,
    record TEXT NOT NULL, -- JSON: of each chain which part it holds, with links; the digest of the segment
    mac TEXT NOT NULL
) STRICT;
