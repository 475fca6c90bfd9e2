-- Sums by hour and by day, told apart by the dimensions of a facet (workers/db/rollup/facets.ts); those that are not of it are ''.
-- `by_model` has the same sums once more, told apart by provider and model: one row is written where there would be many.
DROP TABLE rollup_hour;
DROP TABLE rollup_day;

CREATE TABLE rollup_hour (
  tenant_id TEXT NOT NULL,
  facet TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  tag_key TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  user_id TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  team TEXT NOT NULL,
  feature TEXT NOT NULL,
  virtual_key_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 1),
  successes INTEGER NOT NULL CHECK (successes BETWEEN 0 AND events),
  estimates INTEGER NOT NULL CHECK (estimates BETWEEN 0 AND events),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  overrun_nano INTEGER NOT NULL,
  input_cost_nano INTEGER NOT NULL,
  output_cost_nano INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  by_model TEXT NOT NULL CHECK (json_type(by_model) = 'array'),
  PRIMARY KEY (tenant_id, facet, hour_ms, tag_key, tag_value, user_id, entity_type, entity_id, agent_name, team, feature,
    virtual_key_id, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
  tenant_id TEXT NOT NULL,
  facet TEXT NOT NULL,
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  tag_key TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  user_id TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  team TEXT NOT NULL,
  feature TEXT NOT NULL,
  virtual_key_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 1),
  successes INTEGER NOT NULL CHECK (successes BETWEEN 0 AND events),
  estimates INTEGER NOT NULL CHECK (estimates BETWEEN 0 AND events),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  overrun_nano INTEGER NOT NULL,
  input_cost_nano INTEGER NOT NULL,
  output_cost_nano INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  by_model TEXT NOT NULL CHECK (json_type(by_model) = 'array'),
  PRIMARY KEY (tenant_id, facet, day_ms, tag_key, tag_value, user_id, entity_type, entity_id, agent_name, team, feature,
    virtual_key_id, provider, model)
) STRICT, WITHOUT ROWID;

-- Every hour with events is here or in dirty_hour. `missing`: the facets that its events are too few for; those are read instead.
CREATE TABLE rolled_hour (
  tenant_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  missing TEXT NOT NULL CHECK (json_type(missing) = 'array'),
  PRIMARY KEY (tenant_id, hour_ms)
) STRICT, WITHOUT ROWID;

-- Every day of which an hour was rolled up. `due` is 0 where its sums are those of its hours; 1 where they are to be made;
-- any other number is of whoever makes them. `is_sealed`: they tell enough for the events to go to the archive.
CREATE TABLE rolled_day (
  tenant_id TEXT NOT NULL,
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  missing TEXT NOT NULL CHECK (json_type(missing) = 'array'),
  due INTEGER NOT NULL,
  is_sealed INTEGER NOT NULL CHECK (is_sealed IN (0, 1)),
  PRIMARY KEY (tenant_id, day_ms)
) STRICT, WITHOUT ROWID;

-- Holds only days that wait.
CREATE INDEX rolled_day_due ON rolled_day (day_ms, tenant_id) WHERE due <> 0;

INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms)
SELECT DISTINCT tenant_id, timestamp_ms - timestamp_ms % 3600000 FROM usage_event;
