import { nanoOf, sumsOf, totalOf } from '../answers.mjs'

function sumOfEntity({ total_events, total_tokens, total_cost_nano, first_seen, last_seen }) {
  const [firstMs, lastMs] = [first_seen, last_seen].map(text => Date.parse(text))
  return { events: total_events, tokens: total_tokens, costNano: Number(total_cost_nano), firstMs, lastMs }
}

const LIMIT = 100
// In any order but that of their cost a page is another one than the dearest: only the answer's own rows are held against it.
const list = (name, query, more = {}) => ({
  ...{ name: `entities, ${name}`, path: '/v1/entities', query: { limit: LIMIT, ...query }, ...more },
  checks: [
    {
      ...{ by: ['entity'], isNamed: true, top: query.sort_by ? undefined : LIMIT, isPart: query.sort_by !== undefined },
      read: (body, tenant) => sumsOf(body.data, { by: ['entity'], tenant, sum: sumOfEntity }),
    },
  ],
})

const ENTITY = 'customer/10'

/** What costs were of. */
export const ENTITIES = [
  list('the dearest', {}),
  list('of all time', {}, { isTimeless: true }),
  list('seen last', { sort_by: 'last_seen' }),
  list('of one type, by number of events', { type: 'ticket', sort_by: 'total_events' }),
  list('the dearest of one month, the 1001st on', { offset: 1000, sort_by: 'total_cost' }),
  {
    ...{ name: 'one entity', path: `/v1/entities/${ENTITY}`, filter: { entity: ENTITY }, isFilterInPath: true },
    checks: [
      { by: [], read: body => totalOf(sumOfEntity(body)) },
      {
        by: ['model'],
        read: body =>
          new Map(
            Object.entries(body.cost_by_model_nano).map(([model, nano]) => [
              JSON.stringify([model]),
              { costNano: Number(nano) },
            ]),
          ),
      },
      {
        by: ['model'],
        read: body =>
          new Map(
            Object.entries(body.cost_by_model).map(([model, usd]) => [
              JSON.stringify([model]),
              { costNano: nanoOf(usd) },
            ]),
          ),
      },
    ],
  },
]
