import { setTimeout as sleep } from 'node:timers/promises'

const HOUR_MS = 3_600_000

function addressOf({ worker, startMs, endMs }, { path, query, last }) {
  const fromMs = last === undefined ? startMs : endMs - last * HOUR_MS
  const range = { start_date: new Date(fromMs).toISOString(), end_date: new Date(endMs).toISOString() }
  return `${worker.url}${path}?${new URLSearchParams({ ...range, ...query })}`
}

/** One answer of an endpoint, in a tenant's name, and the milliseconds until it was read. Waits where the plan says so. */
export async function readEndpoint(server, tenant, endpoint) {
  const { token } = server.tenants[tenant]
  const address = addressOf(server, endpoint)
  for (;;) {
    const started = performance.now()
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    const text = await response.text()
    const ms = performance.now() - started
    if (response.ok) return { ms, body: JSON.parse(text), bytes: text.length }
    if (response.status !== 429) throw new Error(`${address}: ${response.status} ${text.slice(0, 300)}`)
    await sleep(1000 * Number(response.headers.get('retry-after') ?? 1))
  }
}
