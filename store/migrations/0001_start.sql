-- Money is whole micro-dollars, moments are seconds since 1970 (UTC).
PRAGMA application_id = 1382376812; -- 'Reel'

CREATE TABLE project (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  created_at REAL NOT NULL,
  archived_at REAL
) STRICT;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- seq keeps the order in which jobs of the same moment were asked for.
-- seed is text: some models count in 64 bits without a sign, which INTEGER does not hold.
CREATE TABLE job (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt TEXT NOT NULL,
  input TEXT NOT NULL,
  project_id TEXT REFERENCES project (id) ON DELETE SET NULL,
  seed TEXT,
  state TEXT NOT NULL,
  reason TEXT,
  detail TEXT,
  hold_up TEXT,
  estimate INTEGER,
  cost INTEGER,
  billed INTEGER,
  sender TEXT,
  replaces TEXT REFERENCES job (id) ON DELETE SET NULL,
  request_id TEXT,
  status_url TEXT,
  response_url TEXT,
  cancel_url TEXT,
  created_at REAL NOT NULL,
  state_since REAL NOT NULL,
  submitted_at REAL,
  ended_at REAL
) STRICT;

CREATE UNIQUE INDEX job_request ON job (origin, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX job_request_id ON job (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX job_project ON job (project_id);
CREATE INDEX job_replaces ON job (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX job_unfinished ON job (seq) WHERE ended_at IS NULL;

CREATE TABLE output (
  media_id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  file_name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  content_type TEXT,
  size INTEGER,
  etag TEXT,
  UNIQUE (job_id, position)
) STRICT;

CREATE TABLE document (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT,
  file TEXT,
  received_at REAL NOT NULL
) STRICT;

CREATE INDEX document_newest ON document (job_id, kind, id);

CREATE TRIGGER document_kept BEFORE UPDATE ON document
BEGIN
  SELECT RAISE(ABORT, 'a reply that was kept is never changed');
END;

CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  at REAL NOT NULL,
  kind TEXT NOT NULL,
  state TEXT,
  text TEXT NOT NULL
) STRICT;

CREATE INDEX event_job ON event (job_id, id);

CREATE TRIGGER event_kept BEFORE UPDATE ON event
BEGIN
  SELECT RAISE(ABORT, 'what has happened is never changed');
END;

-- search holds prompt, model, endpoint and tags in folded case, since LIKE folds ASCII only.
CREATE TABLE media (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT REFERENCES job (id) ON DELETE SET NULL,
  position INTEGER NOT NULL,
  project_id TEXT REFERENCES project (id) ON DELETE SET NULL,
  origin TEXT NOT NULL,
  kind TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  duration REAL,
  fps REAL,
  codec TEXT,
  has_audio INTEGER,
  prompt TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  model TEXT NOT NULL,
  seed TEXT,
  cost INTEGER,
  request_id TEXT,
  rating INTEGER,
  favourite INTEGER NOT NULL,
  search TEXT NOT NULL,
  created_at REAL NOT NULL,
  seen_at REAL,
  trashed_at REAL,
  UNIQUE (job_id, position)
) STRICT;

CREATE INDEX media_shown ON media (created_at, id) WHERE trashed_at IS NULL;
CREATE INDEX media_shown_of_project ON media (project_id, created_at, id) WHERE trashed_at IS NULL;
CREATE INDEX media_trashed ON media (created_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX media_project ON media (project_id);

CREATE TABLE tag (
  media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (media_id, name)
) STRICT, WITHOUT ROWID;

-- How many clips each project has ('' is none), kept here because count(*) reads every row.
CREATE TABLE media_count (
  project_id TEXT NOT NULL,
  trashed INTEGER NOT NULL,
  clips INTEGER NOT NULL,
  PRIMARY KEY (project_id, trashed)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER media_added AFTER INSERT ON media
BEGIN
  INSERT INTO media_count VALUES (ifnull(new.project_id, ''), new.trashed_at IS NOT NULL, 1)
  ON CONFLICT DO UPDATE SET clips = clips + 1;
END;

CREATE TRIGGER media_removed AFTER DELETE ON media
BEGIN
  UPDATE media_count SET clips = clips - 1
  WHERE project_id = ifnull(old.project_id, '') AND trashed = (old.trashed_at IS NOT NULL);
END;

CREATE TRIGGER media_moved AFTER UPDATE OF project_id, trashed_at ON media
BEGIN
  UPDATE media_count SET clips = clips - 1
  WHERE project_id = ifnull(old.project_id, '') AND trashed = (old.trashed_at IS NOT NULL);
  INSERT INTO media_count VALUES (ifnull(new.project_id, ''), new.trashed_at IS NOT NULL, 1)
  ON CONFLICT DO UPDATE SET clips = clips + 1;
END;

CREATE TABLE draft (
  key TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
