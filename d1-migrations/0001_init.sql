-- Configuration, the usage record and its sums. Money is whole nano-dollars (_nano), instants are UTC epoch milliseconds (_ms).

CREATE TABLE tenant (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0)
) STRICT;

CREATE UNIQUE INDEX tenant_by_name ON tenant (name);

CREATE TABLE admin_key (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 36),
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL CHECK (key_hash <> ''),
  role TEXT NOT NULL CHECK (role <> ''),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  revoked_ms INTEGER CHECK (revoked_ms >= created_ms)
) STRICT;

CREATE UNIQUE INDEX admin_key_by_hash ON admin_key (key_hash);

-- `version` is NOT NULL for a reason: a stale writer sets it to NULL, and its whole batch fails (workers/db/save-key.ts).
CREATE TABLE virtual_key (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  description TEXT NOT NULL,
  masked_value TEXT NOT NULL,
  key_hash TEXT NOT NULL CHECK (key_hash <> ''),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  expires_ms INTEGER,
  provider_configs TEXT NOT NULL CHECK (json_type(provider_configs) = 'array'),
  calendar_aligned INTEGER NOT NULL CHECK (calendar_aligned IN (0, 1)),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  deleted_ms INTEGER,
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- A deleted key gives its name back.
CREATE UNIQUE INDEX virtual_key_by_live_name ON virtual_key (tenant_id, name) WHERE deleted_ms IS NULL;

-- Has a rowid: budgets are shown in the order in which they were given, which is the order of their insertion.
CREATE TABLE budget (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36),
  virtual_key_id TEXT NOT NULL,
  provider_config_id INTEGER CHECK (provider_config_id >= 1),
  max_limit_nano INTEGER NOT NULL CHECK (max_limit_nano > 0),
  reset_duration TEXT NOT NULL CHECK (reset_duration <> ''),
  calendar_aligned INTEGER NOT NULL CHECK (calendar_aligned IN (0, 1)),
  anchor_ms INTEGER NOT NULL CHECK (anchor_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, virtual_key_id) REFERENCES virtual_key (tenant_id, id)
) STRICT;

CREATE INDEX budget_by_key ON budget (tenant_id, virtual_key_id);

CREATE TABLE rate_limit (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36),
  virtual_key_id TEXT NOT NULL,
  provider_config_id INTEGER CHECK (provider_config_id >= 1),
  token_max_limit INTEGER CHECK (token_max_limit > 0),
  token_reset_duration TEXT,
  request_max_limit INTEGER CHECK (request_max_limit > 0),
  request_reset_duration TEXT,
  calendar_aligned INTEGER NOT NULL CHECK (calendar_aligned IN (0, 1)),
  anchor_ms INTEGER NOT NULL CHECK (anchor_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, virtual_key_id) REFERENCES virtual_key (tenant_id, id),
  CHECK (token_max_limit IS NULL OR token_reset_duration IS NOT NULL),
  CHECK (request_max_limit IS NULL OR request_reset_duration IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_limit_by_key ON rate_limit (tenant_id, virtual_key_id);

CREATE TABLE key_snapshot (
  tenant_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  pushed_version INTEGER NOT NULL CHECK (pushed_version >= 0),
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (tenant_id, key_id)
) STRICT, WITHOUT ROWID;

-- Holds only what waits, so that the cron that looks every minute reads nothing when nothing does.
CREATE INDEX key_snapshot_unpushed ON key_snapshot (tenant_id, key_id) WHERE pushed_version < version;

-- No secondary index: the id begins with the instant of the call, so a range of time is a range of the primary key.
CREATE TABLE usage_event (
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
  input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
  output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
  cached_input_tokens INTEGER NOT NULL CHECK (cached_input_tokens >= 0),
  cache_write_tokens INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
  reasoning_tokens INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
  cost_nano INTEGER NOT NULL CHECK (cost_nano >= 0),
  held_nano INTEGER NOT NULL CHECK (held_nano >= 0),
  overrun_nano INTEGER NOT NULL CHECK (overrun_nano >= 0),
  latency_ms INTEGER NOT NULL CHECK (latency_ms >= 0),
  first_byte_ms INTEGER CHECK (first_byte_ms >= 0),
  http_status INTEGER,
  success INTEGER NOT NULL CHECK (success IN (0, 1)),
  outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'estimated', 'assumed', 'provider_error', 'unreachable')),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour (
  tenant_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  virtual_key_id TEXT NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 1),
  successes INTEGER NOT NULL CHECK (successes BETWEEN 0 AND events),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  overrun_nano INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, hour_ms, provider, model, virtual_key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
  tenant_id TEXT NOT NULL,
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  virtual_key_id TEXT NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 1),
  successes INTEGER NOT NULL CHECK (successes BETWEEN 0 AND events),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  overrun_nano INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, day_ms, provider, model, virtual_key_id)
) STRICT, WITHOUT ROWID;

-- An hour here has events that its rollup does not show yet.
CREATE TABLE dirty_hour (
  tenant_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  PRIMARY KEY (tenant_id, hour_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letter (
  id TEXT PRIMARY KEY NOT NULL,
  received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
  queue TEXT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
