import { sumBy } from './ledger.mjs'
import { readEndpoint } from './read-endpoint.mjs'

const HOUR_MS = 3_600_000

/** The fields of the ledger that the API calls otherwise. */
const FIELD = { agent_name: 'agent', user_id: 'user', virtual_key_id: 'virtual_key' }

function expectedOf(ledger, { tenant, startMs, endMs }, { last, check }) {
  const filter = Object.fromEntries(
    Object.entries(check.filter ?? {}).map(([name, value]) => [FIELD[name] ?? name, value]),
  )
  const fromMs = last === undefined ? startMs : endMs - last * HOUR_MS
  return sumBy(ledger, { tenant, startMs: fromMs, endMs, filter, by: check.by ?? 'day' })
}

function differences(expected, found) {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap(name => {
    const [wanted, got] = [expected.get(name), found.get(name)]
    const isSame = JSON.stringify(wanted) === JSON.stringify(got)
    return isSame ? [] : [`${name}: ${JSON.stringify(wanted)} expected, ${JSON.stringify(got)} found`]
  })
}

function flawsOf(body, expected, { check, name }) {
  if (check.read) return differences(expected, check.read(body)).map(one => `${name}: ${one}`)
  const count = [...expected.values()].reduce((sum, one) => sum + one.events, 0)
  return check.total(body) === count ? [] : [`${name}: ${count} expected, ${check.total(body)} found`]
}

/** Holds every answer that sums against what was generated, for each tenant. Answers how many groups, and what differs. */
export async function checkTotals(server, endpoints) {
  const flaws = []
  let groups = 0
  for (const endpoint of endpoints.filter(one => one.check)) {
    for (let tenant = 0; tenant < server.tenants.length; tenant++) {
      const expected = expectedOf(server.ledger, { ...server, tenant }, endpoint)
      groups += expected.size
      const { body } = await readEndpoint(server, tenant, endpoint)
      flaws.push(...flawsOf(body, expected, endpoint).map(flaw => `tenant ${tenant + 1}, ${flaw}`))
    }
  }
  return { groups, flaws }
}
