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

CREATE TABLE customer (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  deleted_ms INTEGER,
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX customer_by_live_name ON customer (tenant_id, name) WHERE deleted_ms IS NULL;

CREATE TABLE team (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  customer_id TEXT,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  deleted_ms INTEGER,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX team_by_live_name ON team (tenant_id, name) WHERE deleted_ms IS NULL;
CREATE INDEX team_by_customer ON team (tenant_id, customer_id) WHERE customer_id IS NOT NULL;

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
  team_id TEXT,
  customer_id TEXT,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  deleted_ms INTEGER,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  CHECK (team_id IS NULL OR customer_id IS NULL)
) STRICT, WITHOUT ROWID;

-- A deleted key gives its name back.
CREATE UNIQUE INDEX virtual_key_by_live_name ON virtual_key (tenant_id, name) WHERE deleted_ms IS NULL;
CREATE INDEX virtual_key_by_team ON virtual_key (tenant_id, team_id) WHERE team_id IS NOT NULL;
CREATE INDEX virtual_key_by_customer ON virtual_key (tenant_id, customer_id) WHERE customer_id IS NOT NULL;

-- Limits have a rowid: they are shown in the order in which they were given, which is the order of their insertion.
-- `breadth` orders scopes from the narrowest, as scopesOf (workers/core/quota/scope.ts) does; 0, 6 and 7 bind some keys,
-- all others can bind any key of the tenant. An unknown kind of scope has none, and is refused.
CREATE TABLE budget (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36),
  scope TEXT NOT NULL,
  breadth INTEGER NOT NULL GENERATED ALWAYS AS (CASE substr(scope, 1, instr(scope, ':') - 1)
    WHEN 'virtual_key' THEN 0 WHEN 'user' THEN 1 WHEN 'entity' THEN 2 WHEN 'agent' THEN 3 WHEN 'feature' THEN 4
    WHEN 'tag' THEN 5 WHEN 'team' THEN 6 WHEN 'customer' THEN 7
    WHEN 'model' THEN CASE WHEN instr(scope, '/provider:') THEN 8 ELSE 9 END
    WHEN 'provider' THEN 10 WHEN 'tenant' THEN 11 END) VIRTUAL,
  virtual_key_id TEXT,
  provider_config_id INTEGER CHECK (provider_config_id >= 1),
  max_limit_nano INTEGER NOT NULL CHECK (max_limit_nano > 0),
  reset_duration TEXT NOT NULL CHECK (reset_duration <> ''),
  calendar_aligned INTEGER NOT NULL CHECK (calendar_aligned IN (0, 1)),
  anchor_ms INTEGER NOT NULL CHECK (anchor_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, virtual_key_id) REFERENCES virtual_key (tenant_id, id),
  CHECK ((virtual_key_id IS NULL) = (scope NOT GLOB 'virtual_key:*'))
) STRICT;

CREATE INDEX budget_by_key ON budget (tenant_id, virtual_key_id) WHERE virtual_key_id IS NOT NULL;
CREATE INDEX budget_by_scope ON budget (tenant_id, scope);
CREATE INDEX budget_by_breadth ON budget (tenant_id, breadth) WHERE virtual_key_id IS NULL;

CREATE TABLE rate_limit (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36),
  scope TEXT NOT NULL,
  breadth INTEGER NOT NULL GENERATED ALWAYS AS (CASE substr(scope, 1, instr(scope, ':') - 1)
    WHEN 'virtual_key' THEN 0 WHEN 'user' THEN 1 WHEN 'entity' THEN 2 WHEN 'agent' THEN 3 WHEN 'feature' THEN 4
    WHEN 'tag' THEN 5 WHEN 'team' THEN 6 WHEN 'customer' THEN 7
    WHEN 'model' THEN CASE WHEN instr(scope, '/provider:') THEN 8 ELSE 9 END
    WHEN 'provider' THEN 10 WHEN 'tenant' THEN 11 END) VIRTUAL,
  virtual_key_id TEXT,
  provider_config_id INTEGER CHECK (provider_config_id >= 1),
  token_max_limit INTEGER CHECK (token_max_limit > 0),
  token_reset_duration TEXT,
  request_max_limit INTEGER CHECK (request_max_limit > 0),
  request_reset_duration TEXT,
  in_flight_max_limit INTEGER CHECK (in_flight_max_limit > 0),
  calendar_aligned INTEGER NOT NULL CHECK (calendar_aligned IN (0, 1)),
  anchor_ms INTEGER NOT NULL CHECK (anchor_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, virtual_key_id) REFERENCES virtual_key (tenant_id, id),
  CHECK (token_max_limit IS NULL OR token_reset_duration IS NOT NULL),
  CHECK (request_max_limit IS NULL OR request_reset_duration IS NOT NULL),
  CHECK ((virtual_key_id IS NULL) = (scope NOT GLOB 'virtual_key:*'))
) STRICT;

CREATE INDEX rate_limit_by_key ON rate_limit (tenant_id, virtual_key_id) WHERE virtual_key_id IS NOT NULL;
CREATE INDEX rate_limit_by_scope ON rate_limit (tenant_id, scope);
CREATE INDEX rate_limit_by_breadth ON rate_limit (tenant_id, breadth) WHERE virtual_key_id IS NULL;

-- One row per limit as it is counted, whichever table has it. Requests in flight know no window; a day stands in for it.
CREATE VIEW scope_limit AS
  SELECT tenant_id, scope, breadth, virtual_key_id, id, 'nano_usd' AS unit, max_limit_nano AS max,
    reset_duration AS duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 0 AS place, rowid AS seq
  FROM budget
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':tokens', 'tokens', token_max_limit,
    token_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid
  FROM rate_limit WHERE token_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':requests', 'requests', request_max_limit,
    request_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid
  FROM rate_limit WHERE request_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':in_flight', 'in_flight', in_flight_max_limit,
    '1d', calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid
  FROM rate_limit WHERE in_flight_max_limit IS NOT NULL;

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

CREATE TABLE scope_snapshot (
  tenant_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  pushed_version INTEGER NOT NULL CHECK (pushed_version >= 0),
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (tenant_id, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX scope_snapshot_unpushed ON scope_snapshot (tenant_id, scope) WHERE pushed_version < version;

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
