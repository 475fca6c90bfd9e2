-- Limits of what falls under several scopes at once: `all:` and a JSON array of them. `breadth` is worked out anew; a joined
-- scope is among the narrowest of those that can bind any key. The view is as it was.
DROP VIEW scope_limit;

DROP INDEX budget_by_breadth;
ALTER TABLE budget DROP COLUMN breadth;
ALTER TABLE budget ADD COLUMN breadth INTEGER NOT NULL GENERATED ALWAYS AS (CASE substr(scope, 1, instr(scope, ':') - 1)
  WHEN 'virtual_key' THEN 0 WHEN 'all' THEN 1 WHEN 'user' THEN 1 WHEN 'entity' THEN 2 WHEN 'agent' THEN 3 WHEN 'feature' THEN 4
  WHEN 'tag' THEN 5 WHEN 'team' THEN 6 WHEN 'customer' THEN 7
  WHEN 'model' THEN CASE WHEN instr(scope, '/provider:') THEN 8 ELSE 9 END
  WHEN 'provider' THEN 10 WHEN 'tenant' THEN 11 END) VIRTUAL;
CREATE INDEX budget_by_breadth ON budget (tenant_id, breadth) WHERE virtual_key_id IS NULL;

DROP INDEX rate_limit_by_breadth;
ALTER TABLE rate_limit DROP COLUMN breadth;
ALTER TABLE rate_limit ADD COLUMN breadth INTEGER NOT NULL GENERATED ALWAYS AS (CASE substr(scope, 1, instr(scope, ':') - 1)
  WHEN 'virtual_key' THEN 0 WHEN 'all' THEN 1 WHEN 'user' THEN 1 WHEN 'entity' THEN 2 WHEN 'agent' THEN 3 WHEN 'feature' THEN 4
  WHEN 'tag' THEN 5 WHEN 'team' THEN 6 WHEN 'customer' THEN 7
  WHEN 'model' THEN CASE WHEN instr(scope, '/provider:') THEN 8 ELSE 9 END
  WHEN 'provider' THEN 10 WHEN 'tenant' THEN 11 END) VIRTUAL;
CREATE INDEX rate_limit_by_breadth ON rate_limit (tenant_id, breadth) WHERE virtual_key_id IS NULL;

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
