// Every question that is measured and, where it sums, held against what was generated. A new route is a line here.
const dollars = text => Math.round(Number(text) * 1e9)

/** The sums of `data`, by what `name` reads of a row. */
const sumsOf = name => body =>
  new Map(
    body.data.map(row => [
      name(row),
      {
        events: row.events,
        tokens: row.tokens,
        costNano: row.cost_nano ? Number(row.cost_nano) : dollars(row.cost_usd),
      },
    ]),
  )

const costs = (by, { filter = {}, last } = {}) => ({
  name: `costs by ${by}${Object.keys(filter).map(one => `, one ${one}`)}`,
  path: '/v1/analytics/costs',
  query: { group_by: by, ...filter },
  ...(last && { last }),
  check: { by, filter, read: sumsOf(row => row[by === 'day' ? 'date' : by]) },
})

// A list is checked by how many there are.
const events = (name, query = {}, filter = {}) => ({
  name: `events, ${name}`,
  path: '/v1/events',
  query: { limit: 100, ...query, ...filter },
  check: { filter, total: body => body.pagination.total },
})

/**
 * `query` beside the range of time, which is all days unless `last` says how many hours before the end. `check.by` and
 * `check.filter` are fields of `ledger.mjs`.
 */
export const ENDPOINTS = [
  costs('day'),
  costs('hour', { last: 48 }),
  costs('provider'),
  costs('model'),
  costs('day', { filter: { provider: 'anthropic' } }),
  costs('day', { filter: { model: 'gpt-5' } }),
  events('the newest 100'),
  events('of one agent', {}, { agent_name: 'agent_3' }),
  events('of one user', {}, { user_id: 'user_40' }),
  events('the 10,001st on', { offset: 10_000 }),
  { ...events('of one hour'), last: 1 },
]
