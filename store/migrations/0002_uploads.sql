-- Files that were sent to FAL as inputs: where each is, so that it is sent once, and what of a long one is there.
-- parts is a JSON list of numbers and ETags. Neither table is of use to a database that is rebuilt.
CREATE TABLE upload (
  origin TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  url TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  uploaded_at REAL NOT NULL,
  expires_at REAL NOT NULL,
  PRIMARY KEY (origin, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE unfinished_upload (
  origin TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  url TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  part_size INTEGER NOT NULL,
  begun_at REAL NOT NULL,
  parts TEXT NOT NULL,
  PRIMARY KEY (origin, sha256)
) STRICT, WITHOUT ROWID;
