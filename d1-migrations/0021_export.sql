-- A file that a tenant asked for, and how far it is. `query`: which events (ExportQuery of workers/db/export-job.ts). `cursor`:
-- the last row that is in the file. `carry`: what of it did not fit into the last part, base64url. `lease_owner`: who works on it,
-- until `lease_until_ms`. An object is written under `object_key`, in parts, of which `export_part` has the tags.
CREATE TABLE export_job (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  dataset TEXT NOT NULL CHECK (dataset IN ('events', 'focus')),
  format TEXT NOT NULL CHECK (format IN ('csv', 'json', 'ndjson')),
  focus_version TEXT CHECK ((focus_version IS NOT NULL) = (dataset = 'focus')),
  query TEXT NOT NULL CHECK (json_type(query) = 'object'),
  status TEXT NOT NULL CHECK (status IN ('queued', 'processing', 'completed', 'failed')),
  phase TEXT NOT NULL CHECK (phase IN ('gather', 'write', 'finish')),
  cursor TEXT NOT NULL,
  carry TEXT NOT NULL,
  object_key TEXT NOT NULL CHECK (object_key <> ''),
  upload_id TEXT,
  parts INTEGER NOT NULL CHECK (parts BETWEEN 0 AND 10000),
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  events INTEGER NOT NULL CHECK (events >= 0),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  cost_nano INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  restarts INTEGER NOT NULL CHECK (restarts >= 0),
  error TEXT,
  lease_owner TEXT NOT NULL,
  lease_until_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL CHECK (created_by <> ''),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  completed_ms INTEGER CHECK ((completed_ms IS NOT NULL) = (status = 'completed')),
  expires_ms INTEGER CHECK ((expires_ms IS NOT NULL) = (status IN ('completed', 'failed'))),
  deleted_ms INTEGER,
  removed_ms INTEGER,
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX export_job_unfinished ON export_job (lease_until_ms) WHERE status IN ('queued', 'processing');
CREATE INDEX export_job_to_remove ON export_job (coalesce(deleted_ms, expires_ms)) WHERE removed_ms IS NULL;
CREATE INDEX export_job_by_time ON export_job (tenant_id, created_ms);

CREATE TABLE export_part (
  tenant_id TEXT NOT NULL,
  export_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 10000),
  etag TEXT NOT NULL CHECK (etag <> ''),
  PRIMARY KEY (tenant_id, export_id, number)
) STRICT, WITHOUT ROWID;

-- What an export sums up before it is written: `group_key` is what charges are told apart by (workers/core/focus/charge.ts).
CREATE TABLE export_group (
  tenant_id TEXT NOT NULL,
  export_id TEXT NOT NULL,
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  group_key TEXT NOT NULL CHECK (json_type(group_key) = 'array'),
  quantity INTEGER NOT NULL,
  amount_pico INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, export_id, day_ms, group_key)
) STRICT, WITHOUT ROWID;

-- A file of old events in R2, and what is in it: a part of a tenant's day, of which no event is in two. `writing`: nothing depends
-- on it yet. `archived`: it was read back and found to be whole; its events are in D1 until `emptied_ms`, and no longer.
-- `restoring`: its events are being brought back into D1, since something about the day has changed.
CREATE TABLE event_archive (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
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

-- What has to be done next, whosever it is.
CREATE INDEX event_archive_unfinished ON event_archive (state, tenant_id, day_ms) WHERE emptied_ms IS NULL;

-- Objects in R2 that nothing refers to any more.
CREATE TABLE archive_garbage (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  object_key TEXT NOT NULL CHECK (object_key <> ''),
  PRIMARY KEY (tenant_id, object_key)
) STRICT, WITHOUT ROWID;
