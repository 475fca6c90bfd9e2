import { setTimeout as sleep } from 'node:timers/promises'

const HOUR_MS = 3_600_000

/** The time that an endpoint is asked about: all of it, unless `last` says how many hours before the end. */
export function rangeOf({ startMs, endMs }, { last }) {
  return { startMs: last === undefined ? startMs : endMs - last * HOUR_MS, endMs }
}

// A filter's parameters, by the fields of `fields.mjs`.
const PARAMETERS = {
  agent: value => ({ agent_name: value }),
  user: value => ({ user_id: value }),
  entity: value => ({ entity_type: value.split('/')[0], entity_id: value.split('/')[1] }),
  virtual_key: (value, { keyIds }) => ({ virtual_key_id: keyIds[Number(value.split('_')[1]) - 1] }),
}

function filterQuery(filter, tenant) {
  const tags = Object.entries(filter).filter(([field]) => field.startsWith('tag:'))
  const named = Object.entries(filter).filter(([field]) => !field.startsWith('tag:'))
  const parameters = named.map(([field, value]) => PARAMETERS[field]?.(value, tenant) ?? { [field]: value })
  const asked = Object.fromEntries(tags.map(([field, value]) => [field.slice('tag:'.length), value]))
  return Object.assign({}, ...parameters, tags.length > 0 && { tags: JSON.stringify(asked) })
}

function addressOf(server, tenant, endpoint) {
  const { path, query, isFilterInPath, filter = {}, isTimeless } = endpoint
  const { startMs, endMs } = rangeOf(server, endpoint)
  const iso = ms => new Date(ms).toISOString()
  const range = isTimeless ? {} : { start_date: iso(startMs), end_date: iso(endMs) }
  const parameters = { ...range, ...(!isFilterInPath && filterQuery(filter, tenant)), ...query }
  return `${server.worker.url}${path}?${new URLSearchParams(parameters)}`
}

/** One answer of an endpoint, in a tenant's name, and the milliseconds until it was read. Waits where the plan says so. */
export async function readEndpoint(server, index, endpoint) {
  const tenant = server.tenants[index]
  const address = addressOf(server, tenant, endpoint)
  for (;;) {
    const started = performance.now()
    const response = await fetch(address, { headers: { authorization: `Bearer ${tenant.token}` } })
    const text = await response.text()
    const ms = performance.now() - started
    if (response.ok) return { ms, body: JSON.parse(text), bytes: text.length }
    if (response.status !== 429) throw new Error(`${address}: ${response.status} ${text.slice(0, 300)}`)
    await sleep(1000 * Number(response.headers.get('retry-after') ?? 1))
  }
}
