-- What a budget has beside its maximum for a while: in windows that end after `from` and begin before `until` (NULL: for ever).
ALTER TABLE budget ADD COLUMN override_amount_nano INTEGER CHECK (override_amount_nano > 0);
ALTER TABLE budget ADD COLUMN override_from_ms INTEGER
  CHECK (override_from_ms >= 0 AND (override_from_ms IS NULL) = (override_amount_nano IS NULL));
ALTER TABLE budget ADD COLUMN override_until_ms INTEGER
  CHECK (override_until_ms IS NULL OR (override_amount_nano IS NOT NULL AND override_until_ms > override_from_ms));

DROP VIEW scope_limit;
CREATE VIEW scope_limit AS
  SELECT tenant_id, scope, breadth, virtual_key_id, id, 'nano_usd' AS unit, max_limit_nano AS max,
    reset_duration AS duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 0 AS place, rowid AS seq,
    on_exceed, clamp_floor, downgrade_to, thresholds, fiscal_year_start,
    override_amount_nano, override_from_ms, override_until_ms
  FROM budget
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':tokens', 'tokens', token_max_limit,
    token_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    on_exceed, clamp_floor, downgrade_to, thresholds, fiscal_year_start, NULL, NULL, NULL
  FROM rate_limit WHERE token_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':requests', 'requests', request_max_limit,
    request_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    iif(on_exceed = 'clamp', 'refuse', on_exceed), NULL, downgrade_to, thresholds, fiscal_year_start, NULL, NULL, NULL
  FROM rate_limit WHERE request_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':in_flight', 'in_flight', in_flight_max_limit,
    '1d', calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    iif(on_exceed = 'clamp', 'refuse', on_exceed), NULL, downgrade_to, thresholds, NULL, NULL, NULL, NULL
  FROM rate_limit WHERE in_flight_max_limit IS NOT NULL;

-- Which rule sent a request where it went, and which could not be evaluated (a JSON array of ids; NULL for none).
ALTER TABLE usage_event ADD COLUMN rule_id TEXT;
ALTER TABLE usage_event ADD COLUMN rules_skipped TEXT CHECK (json_type(rules_skipped) = 'array');
-- Of those alone, so that they are found without a look at the others, which write nothing into it.
CREATE INDEX usage_event_by_skipped ON usage_event (tenant_id, id) WHERE rules_skipped IS NOT NULL;

-- How many events of an hour there are in which a rule could not be evaluated; made anew with the hour's other sums.
CREATE TABLE rule_skip_hour (
  tenant_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL CHECK (hour_ms % 3600000 = 0),
  rule_id TEXT NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 1),
  PRIMARY KEY (tenant_id, hour_ms, rule_id)
) STRICT, WITHOUT ROWID;
