-- Which database a tenant's events are in: 0 is this one, n the binding DB_SHARD_n. Written once, when the tenant is made: whoever
-- adds a database moves nobody.
ALTER TABLE tenant ADD COLUMN shard INTEGER NOT NULL DEFAULT 0 CHECK (shard >= 0);

-- The archive of a tenant is where its events are, and its tenant need not be there: these lose what referred to it.
CREATE TABLE event_archive_next (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  first_id TEXT NOT NULL CHECK (first_id GLOB 'evt_*'),
  last_id TEXT NOT NULL CHECK (last_id >= first_id),
  object_key TEXT NOT NULL CHECK (object_key <> ''),
  state TEXT NOT NULL CHECK (state IN ('writing', 'archived', 'restoring')),
  row_count INTEGER NOT NULL CHECK (row_count >= 1),
  cost_nano INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes INTEGER NOT NULL CHECK (bytes >= 1),
  etag TEXT,
  archived_ms INTEGER NOT NULL,
  emptied_ms INTEGER,
  PRIMARY KEY (tenant_id, day_ms, first_id)
) STRICT, WITHOUT ROWID;

INSERT INTO event_archive_next (tenant_id, day_ms, first_id, last_id, object_key, state, row_count, cost_nano, sha256, bytes,
  etag, archived_ms, emptied_ms)
SELECT tenant_id, day_ms, first_id, last_id, object_key, state, row_count, cost_nano, sha256, bytes, etag, archived_ms,
  emptied_ms FROM event_archive;

DROP TABLE event_archive;
ALTER TABLE event_archive_next RENAME TO event_archive;

CREATE INDEX event_archive_unfinished ON event_archive (state, tenant_id, day_ms) WHERE emptied_ms IS NULL;

CREATE TABLE archive_garbage_next (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  object_key TEXT NOT NULL CHECK (object_key <> ''),
  PRIMARY KEY (tenant_id, object_key)
) STRICT, WITHOUT ROWID;

INSERT INTO archive_garbage_next (tenant_id, object_key) SELECT tenant_id, object_key FROM archive_garbage;

DROP TABLE archive_garbage;
ALTER TABLE archive_garbage_next RENAME TO archive_garbage;
