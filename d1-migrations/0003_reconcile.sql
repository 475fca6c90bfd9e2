-- Meters' own counts of each hour are held against the events; what differs is corrected by an event that everyone can see.

-- A correction may take away. The checks of a table cannot be changed, so it is built anew.
CREATE TABLE usage_event_next (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  id TEXT NOT NULL CHECK (id GLOB 'evt_*'),
  virtual_key_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  revision INTEGER NOT NULL CHECK (revision >= 1),
  timestamp_ms INTEGER NOT NULL CHECK (timestamp_ms >= 0),
  admitted_ms INTEGER NOT NULL CHECK (admitted_ms >= 0),
  settled_ms INTEGER NOT NULL CHECK (settled_ms >= 0),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requested_model TEXT NOT NULL,
  priced_model TEXT NOT NULL,
  pricebook_version TEXT NOT NULL,
  is_stream INTEGER NOT NULL CHECK (is_stream IN (0, 1)),
  feature TEXT,
  team TEXT,
  agent_name TEXT,
  user_id TEXT,
  entity_type TEXT,
  entity_id TEXT,
  tags TEXT NOT NULL CHECK (json_type(tags) = 'object'),
  input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0 OR outcome = 'correction'),
  output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0 OR outcome = 'correction'),
  cached_input_tokens INTEGER NOT NULL CHECK (cached_input_tokens >= 0),
  cache_write_tokens INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
  reasoning_tokens INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
  cost_nano INTEGER NOT NULL CHECK (cost_nano >= 0 OR outcome = 'correction'),
  held_nano INTEGER NOT NULL CHECK (held_nano >= 0),
  overrun_nano INTEGER NOT NULL CHECK (overrun_nano >= 0),
  latency_ms INTEGER NOT NULL CHECK (latency_ms >= 0),
  first_byte_ms INTEGER CHECK (first_byte_ms >= 0),
  http_status INTEGER,
  success INTEGER NOT NULL CHECK (success IN (0, 1)),
  outcome TEXT NOT NULL
    CHECK (outcome IN ('ok', 'estimated', 'assumed', 'provider_error', 'unreachable', 'correction')),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO usage_event_next (
  tenant_id, id, virtual_key_id, request_id, attempt, revision, timestamp_ms, admitted_ms, settled_ms, provider,
  model, requested_model, priced_model, pricebook_version, is_stream, feature, team, agent_name, user_id, entity_type,
  entity_id, tags, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_nano,
  held_nano, overrun_nano, latency_ms, first_byte_ms, http_status, success, outcome
)
SELECT
  tenant_id, id, virtual_key_id, request_id, attempt, revision, timestamp_ms, admitted_ms, settled_ms, provider,
  model, requested_model, priced_model, pricebook_version, is_stream, feature, team, agent_name, user_id, entity_type,
  entity_id, tags, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_nano,
  held_nano, overrun_nano, latency_ms, first_byte_ms, http_status, success, outcome
FROM usage_event;

DROP TABLE usage_event;
ALTER TABLE usage_event_next RENAME TO usage_event;

-- What a meter says that the calls of an hour came to; only a higher revision replaces it. `change_seq` grows with each
-- revision, and with each event of the key and hour that is booked later; the hour waits to be compared, from `due_ms` on,
-- while `reconciled_seq` is behind. `reconciled_seq` is NOT NULL for a reason: a run that has seen an older `change_seq` sets it
-- to NULL, and its whole batch fails (workers/db/save-comparison.ts).
CREATE TABLE meter_hour (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  virtual_key_id TEXT NOT NULL,
  meter TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  events INTEGER NOT NULL CHECK (events >= 0),
  cost_nano INTEGER NOT NULL CHECK (cost_nano >= 0),
  input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
  output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
  limits TEXT NOT NULL CHECK (json_type(limits) = 'array'),
  received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
  due_ms INTEGER NOT NULL CHECK (due_ms >= 0),
  change_seq INTEGER NOT NULL CHECK (change_seq >= 1),
  reconciled_seq INTEGER NOT NULL CHECK (reconciled_seq BETWEEN 0 AND change_seq),
  PRIMARY KEY (tenant_id, hour_ms, virtual_key_id, meter)
) STRICT, WITHOUT ROWID;

-- Holds only what waits, so that the cron that looks every minute reads nothing when nothing does.
CREATE INDEX meter_hour_waiting ON meter_hour (tenant_id, hour_ms, due_ms) WHERE reconciled_seq < change_seq;

-- One row for each run and tenant of which hours were compared.
CREATE TABLE reconcile_run (
  tenant_id TEXT NOT NULL,
  run_ms INTEGER NOT NULL CHECK (run_ms >= 0),
  hours INTEGER NOT NULL CHECK (hours >= 1),
  differences INTEGER NOT NULL CHECK (differences >= 0),
  corrections INTEGER NOT NULL CHECK (corrections >= 0),
  PRIMARY KEY (tenant_id, run_ms)
) STRICT, WITHOUT ROWID;

-- `expected` is what the meter said (of a rollup: what the events say), `found` what D1 had. `subject` names the limit or field.
-- Kept when it is corrected. `seen_ms`: the run that last saw it; `first_seen_ms`: the first that saw these same numbers.
CREATE TABLE reconcile_difference (
  tenant_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  virtual_key_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('events', 'cost_nano', 'input_tokens', 'output_tokens', 'limit', 'rollup')),
  subject TEXT NOT NULL,
  expected INTEGER NOT NULL,
  found INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL CHECK (first_seen_ms >= 0),
  seen_ms INTEGER NOT NULL CHECK (seen_ms >= first_seen_ms),
  corrected_ms INTEGER CHECK (corrected_ms >= 0),
  PRIMARY KEY (tenant_id, hour_ms, virtual_key_id, kind, subject)
) STRICT, WITHOUT ROWID;
