/** A limit of which a meter says another amount than the events of the key and hour do. Whole units of the limit. */
export type LimitGap = {
  virtual_key_id: string
  limit_id: string
  start_ms: number
  unit: 'nano_usd' | 'tokens' | 'requests'
  expected: number
  found: number
}

// The words of workers/core/quota/scope.ts. A team, a customer and the tenant bind all that a key does.
const isIn = (scope: string, more: string) => `CASE substr(${scope}, 1, instr(${scope}, ':') - 1)
  WHEN 'virtual_key' THEN ${scope} IN ('virtual_key:' || event.virtual_key_id,
    'virtual_key:' || event.virtual_key_id || '/provider:' || provider)
  WHEN 'user' THEN ${scope} = 'user:' || user_id
  WHEN 'entity' THEN ${scope} = 'entity:' || entity_type || '/' || entity_id
  WHEN 'agent' THEN ${scope} = 'agent:' || agent_name
  WHEN 'feature' THEN ${scope} = 'feature:' || feature
  WHEN 'tag' THEN EXISTS (SELECT 1 FROM json_each(tags) AS tag WHERE ${scope} = 'tag:' || tag.key || '=' || tag.value)
  WHEN 'model' THEN ${scope} IN ('model:' || model, 'model:' || model || '/provider:' || provider)
  WHEN 'provider' THEN ${scope} = 'provider:' || provider ${more}
  ELSE true END`
// Of a name that the event has none of, the comparison is NULL.
const IS_IN_SCOPE = isIn(
  'scope',
  `WHEN 'all' THEN NOT EXISTS (SELECT 1 FROM json_each(substr(scope, 5)) AS part
    WHERE NOT coalesce(${isIn('part.value', '')}, false))`,
)

/**
 * Limits of a tenant's hour that differ: ?1 tenant, ?2 hour, ?3 and ?4 the range of its event ids. A limit counts what was
 * admitted while it was there, from the first to the last call that was charged to it. CROSS JOIN reads the events once; the
 * other way round they would be read once for each limit. likely() tells that they are many, so that limits are found by their key.
 */
export const FIND_LIMIT_GAPS = `
  WITH stated AS MATERIALIZED (
    SELECT virtual_key_id, value ->> 'limitId' AS limit_id, value ->> 'startMs' AS start_ms,
      value ->> 'scope' AS scope, value ->> 'unit' AS unit, sum(value ->> 'amount') AS expected,
      min(value ->> 'firstMs') AS first_ms, max(value ->> 'lastMs') AS last_ms
    FROM meter_hour CROSS JOIN json_each(limits)
    WHERE tenant_id = ?1 AND hour_ms = ?2 AND value ->> 'scope' IS NOT NULL
    GROUP BY virtual_key_id, limit_id, start_ms),
  booked AS (
    SELECT event.virtual_key_id, limit_id, start_ms, sum(CASE unit WHEN 'nano_usd' THEN cost_nano
      WHEN 'tokens' THEN input_tokens + output_tokens ELSE outcome <> 'unreachable' END) AS found
    FROM usage_event AS event CROSS JOIN stated ON stated.virtual_key_id = event.virtual_key_id
    WHERE tenant_id = ?1 AND likely(id >= ?3) AND likely(id < ?4) AND outcome <> 'correction'
      AND admitted_ms BETWEEN first_ms AND last_ms AND ${IS_IN_SCOPE}
    GROUP BY event.virtual_key_id, limit_id, start_ms)
  SELECT virtual_key_id, limit_id, start_ms, unit, expected, coalesce(found, 0) AS found
  FROM stated LEFT JOIN booked USING (virtual_key_id, limit_id, start_ms)
  WHERE expected <> coalesce(found, 0)`
