-- What a limit does when it is reached, where its year begins, and how a key's requests are held, settled and metered.

ALTER TABLE budget ADD COLUMN on_exceed TEXT NOT NULL DEFAULT 'refuse'
  CHECK (on_exceed IN ('refuse', 'warn', 'clamp', 'downgrade'));
-- Output tokens.
ALTER TABLE budget ADD COLUMN clamp_floor INTEGER
  CHECK (clamp_floor >= 1 AND (clamp_floor IS NOT NULL) = (on_exceed = 'clamp'));
ALTER TABLE budget ADD COLUMN downgrade_to TEXT
  CHECK (downgrade_to <> '' AND (downgrade_to IS NOT NULL) = (on_exceed = 'downgrade'));
-- Whole percents of the maximum, sorted.
ALTER TABLE budget ADD COLUMN thresholds TEXT CHECK (json_type(thresholds) = 'array');
ALTER TABLE budget ADD COLUMN fiscal_year_start TEXT CHECK (fiscal_year_start GLOB '[01][0-9]-[0-3][0-9]');

ALTER TABLE rate_limit ADD COLUMN on_exceed TEXT NOT NULL DEFAULT 'refuse'
  CHECK (on_exceed IN ('refuse', 'warn', 'clamp', 'downgrade'));
ALTER TABLE rate_limit ADD COLUMN clamp_floor INTEGER
  CHECK (clamp_floor >= 1 AND (clamp_floor IS NOT NULL) = (on_exceed = 'clamp'));
ALTER TABLE rate_limit ADD COLUMN downgrade_to TEXT
  CHECK (downgrade_to <> '' AND (downgrade_to IS NOT NULL) = (on_exceed = 'downgrade'));
ALTER TABLE rate_limit ADD COLUMN thresholds TEXT CHECK (json_type(thresholds) = 'array');
ALTER TABLE rate_limit ADD COLUMN fiscal_year_start TEXT CHECK (fiscal_year_start GLOB '[01][0-9]-[0-3][0-9]');

ALTER TABLE virtual_key ADD COLUMN admission_mode TEXT NOT NULL DEFAULT 'strict'
  CHECK (admission_mode IN ('strict', 'expected'));
ALTER TABLE virtual_key ADD COLUMN expected_output_tokens INTEGER
  CHECK (expected_output_tokens IS NULL OR (expected_output_tokens BETWEEN 1 AND 1000000 AND admission_mode = 'expected'));
ALTER TABLE virtual_key ADD COLUMN settlement TEXT NOT NULL DEFAULT 'drain' CHECK (settlement IN ('drain', 'durable'));
-- NULL: never set. Once set, the key's own limits are owned by budget objects, and stay theirs.
ALTER TABLE virtual_key ADD COLUMN meter_regions TEXT CHECK (meter_regions IN ('one', 'per_continent'));
ALTER TABLE virtual_key ADD COLUMN meter_shards INTEGER
  CHECK (meter_shards BETWEEN 1 AND 16 AND (meter_shards IS NULL) = (meter_regions IS NULL));

-- As before, with what each limit does. Of a rate limit, only the limit of tokens can clamp; its others refuse.
DROP VIEW scope_limit;
CREATE VIEW scope_limit AS
  SELECT tenant_id, scope, breadth, virtual_key_id, id, 'nano_usd' AS unit, max_limit_nano AS max,
    reset_duration AS duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 0 AS place, rowid AS seq,
    on_exceed, clamp_floor, downgrade_to, thresholds, fiscal_year_start
  FROM budget
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':tokens', 'tokens', token_max_limit,
    token_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    on_exceed, clamp_floor, downgrade_to, thresholds, fiscal_year_start
  FROM rate_limit WHERE token_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':requests', 'requests', request_max_limit,
    request_reset_duration, calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    iif(on_exceed = 'clamp', 'refuse', on_exceed), NULL, downgrade_to, thresholds, fiscal_year_start
  FROM rate_limit WHERE request_max_limit IS NOT NULL
  UNION ALL
  SELECT tenant_id, scope, breadth, virtual_key_id, id || ':in_flight', 'in_flight', in_flight_max_limit,
    '1d', calendar_aligned, anchor_ms, created_ms, updated_ms, 1, rowid,
    iif(on_exceed = 'clamp', 'refuse', on_exceed), NULL, downgrade_to, thresholds, NULL
  FROM rate_limit WHERE in_flight_max_limit IS NOT NULL;
