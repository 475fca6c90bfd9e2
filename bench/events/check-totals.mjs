import { sumBy } from './ledger.mjs'
import { rangeOf, readEndpoint } from './read-endpoint.mjs'

// A list of the most has as many as it says, the dearest first, and none without a name.
function mostOf(expected, { top, isNamed }) {
  const named = [...expected].filter(([name]) => !isNamed || !JSON.parse(name).includes(null))
  if (top === undefined) return new Map(named)
  return new Map(named.sort(([, a], [, b]) => b.costNano - a.costNano).slice(0, top))
}

function expectedOf(server, { tenant, endpoint }, check) {
  if (check.expected) return check.expected
  const { startMs, endMs } = rangeOf(server, endpoint)
  const shiftMs = check.isOfPeriodBefore ? endMs - startMs : 0
  const range = { startMs: startMs - shiftMs, endMs: endMs - shiftMs }
  return mostOf(sumBy(server.ledger, { tenant, ...range, filter: endpoint.filter, by: check.by }), check)
}

// Of what was generated only what an answer tells.
function isSame(wanted, got) {
  return wanted && got && Object.entries(got).every(([name, value]) => wanted[name] === value)
}

function differences(expected, found, isPart) {
  const names = isPart ? found.keys() : [...expected.keys(), ...found.keys()]
  return [...new Set(names)].flatMap(name => {
    const [wanted, got] = [expected.get(name), found.get(name)]
    if (isSame(wanted, got)) return []
    return [`${name}: ${JSON.stringify(wanted)} expected, ${JSON.stringify(got)} found`]
  })
}

async function checkEndpoint(server, { tenant, endpoint }) {
  const { body } = await readEndpoint(server, tenant, endpoint)
  return endpoint.checks.map(check => {
    const expected = expectedOf(server, { tenant, endpoint }, check)
    const found = check.read(body, server.tenants[tenant])
    const flaws = differences(expected, found, check.isPart)
    return { groups: found.size, flaws: flaws.map(one => `tenant ${tenant + 1}, ${endpoint.name}: ${one}`) }
  })
}

/** Holds every answer that sums against what was generated, for each tenant. Answers how many groups, and what differs. */
export async function checkTotals(server, endpoints) {
  const checked = []
  for (const endpoint of endpoints) {
    for (let tenant = 0; tenant < server.tenants.length; tenant++) {
      checked.push(...(await checkEndpoint(server, { tenant, endpoint })))
    }
  }
  const groups = checked.reduce((sum, one) => sum + one.groups, 0)
  return { groups, flaws: checked.flatMap(one => one.flaws) }
}
