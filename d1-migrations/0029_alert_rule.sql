-- When a tenant wants to be told: of a part of its budgets, in whole percents, or of nano-dollars spent in a window. `checked_ms`:
-- when it was last looked at.
CREATE TABLE alert_rule (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  trigger_kind TEXT NOT NULL
    CHECK (trigger_kind IN ('budget_threshold', 'daily_spend_limit', 'weekly_spend_limit', 'monthly_spend_limit')),
  threshold INTEGER NOT NULL CHECK (threshold > 0),
  channels TEXT NOT NULL CHECK (json_array_length(channels) > 0),
  filters TEXT NOT NULL CHECK (json_type(filters) = 'object'),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  checked_ms INTEGER NOT NULL CHECK (checked_ms >= 0),
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_rule_to_check ON alert_rule (checked_ms) WHERE active = 1;

-- Each time that a rule was met: once in a window, of each budget that it looks at (`limit_id`; '' where it looks at spending) and
-- for each threshold that it had.
CREATE TABLE alert_firing (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  rule_id TEXT NOT NULL CHECK (length(rule_id) = 36),
  start_ms INTEGER NOT NULL,
  limit_id TEXT NOT NULL,
  threshold INTEGER NOT NULL CHECK (threshold > 0),
  end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
  scope TEXT,
  max INTEGER NOT NULL CHECK (max >= 0),
  used INTEGER NOT NULL,
  noticed_ms INTEGER NOT NULL CHECK (noticed_ms >= 0),
  PRIMARY KEY (tenant_id, rule_id, start_ms, limit_id, threshold)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_firing_by_time ON alert_firing (tenant_id, rule_id, noticed_ms);
