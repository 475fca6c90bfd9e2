import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

function databaseIn(home) {
  const files = readdirSync(join(home, 'state'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter(name => name.endsWith('.sqlite'))) {
    // A workerd that was killed a moment ago may have it still.
    const db = new DatabaseSync(join(home, 'state', file), { timeout: 5000 })
    if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'usage_event'").get()) return db
    db.close()
  }
  throw new Error(`there is no database under ${home}`)
}

const LINES = '[["input",90,150000],["cached_input",10,75000],["output",20,600000]]'
const DETAIL = `{"tier":"standard","above":null,"source":"pricebook","lines":${LINES}}`
// The cost of DETAIL, and of each event: 26.25 micro-dollars.
const COST_NANO = 26_250

// Spread evenly over the days, in the order of their ids; five models and seven teams.
const FILL = `
  WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < ?2 - 1)
  INSERT INTO usage_event (tenant_id, id, virtual_key_id, request_id, attempt, revision, timestamp_ms, admitted_ms, settled_ms,
    provider, model, requested_model, priced_model, pricebook_version, is_stream, team, tags, input_tokens, output_tokens,
    cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_nano, held_nano, overrun_nano, latency_ms, first_byte_ms,
    http_status, success, outcome, service_tier, cost_detail)
  SELECT ?1, 'evt_' || printf('%012x', ?3 + n * ?4 / ?2) || '7' || printf('%019x', n) || '_1', 'key', 'req-' || n, 1, 1,
    ?3 + n * ?4 / ?2, ?3 + n * ?4 / ?2, ?3 + n * ?4 / ?2 + 500, 'openai', 'model-' || (n % 5), 'openai/model', 'openai/gpt-4o-mini',
    'v1', 0, 'team-' || (n % 7), '{"environment":"production"}', 100, 20, 10, 0, 0, ${COST_NANO}, 50000, 0, 500, 120, 200, 1, 'ok',
    'standard', '${DETAIL}' FROM one`

// As whoever books events does: their hours are to be summed up.
const MARK = `INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms)
  SELECT DISTINCT tenant_id, timestamp_ms - timestamp_ms % 3600000 FROM usage_event WHERE tenant_id = ?`

/** Writes so many events of a tenant's into the database of a server that is stopped; answers what they cost in nano-dollars. */
export function fillEvents(home, { tenantId, events, startMs, spanMs, isToBeSummed = false }) {
  const db = databaseIn(home)
  db.prepare(FILL).run(tenantId, events, startMs, spanMs)
  if (isToBeSummed) db.prepare(MARK).run(tenantId)
  db.close()
  return events * COST_NANO
}

/** Lets go of the exports of a server that was killed, as their leases' end would three minutes later; answers how far they were. */
export function endLeases(home) {
  const db = databaseIn(home)
  const left = db.prepare("SELECT events, parts, bytes FROM export_job WHERE status IN ('queued', 'processing')").all()
  db.exec("UPDATE export_job SET lease_until_ms = 0, updated_ms = 0 WHERE status IN ('queued', 'processing')")
  db.close()
  return left.map(one => ({ events: Number(one.events), parts: Number(one.parts), bytes: Number(one.bytes) }))
}

/** How many events the database of a server that is stopped has from before an instant, and how many files of the archive it knows. */
export function countBefore(home, beforeMs) {
  const db = databaseIn(home)
  const events = db.prepare('SELECT count(*) AS n FROM usage_event WHERE timestamp_ms < ?').get(beforeMs).n
  const files = db.prepare("SELECT count(*) AS n FROM event_archive WHERE state = 'archived'").get().n
  db.close()
  return { events: Number(events), files: Number(files) }
}
