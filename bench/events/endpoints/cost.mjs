import { sumOfRow, sumsOf, totalIn, totalOf } from '../answers.mjs'
import { groupName } from '../ledger.mjs'
import { BUDGETS } from '../tenants.mjs'

const categoriesOf = ({ agent_workloads, managed_inference }) =>
  new Map([
    [groupName(['agent_workloads']), sumOfRow(agent_workloads)],
    [groupName([null]), sumOfRow(managed_inference)],
  ])

const byTag = (tag, field) => ({
  ...{ name: `cost by tag ${tag}`, path: '/v1/cost/by-tag', query: { tag } },
  checks: [{ by: [field], read: body => new Map(body.data.map(row => [groupName([row.value]), sumOfRow(row)])) }],
})

/** `GET /v1/cost/*`. What budgets have spent is the meters' to say, which these events never passed: how many there are is checked. */
export const COST = [
  {
    ...{ name: 'cost summary', path: '/v1/cost/summary', last: 15 * 24 },
    checks: [
      { by: [], read: ({ data }) => totalIn(data) },
      { by: [], isOfPeriodBefore: true, read: ({ data }) => totalIn(data.previous_period) },
      { by: ['is_agent'], read: ({ data }) => categoriesOf(data.by_category) },
    ],
  },
  {
    ...{ name: 'cost by source', path: '/v1/cost/by-source' },
    checks: [{ by: ['source'], read: (body, tenant) => sumsOf(body.data, { by: ['source'], tenant }) }],
  },
  byTag('team', 'team'),
  byTag('feature', 'feature'),
  byTag('application', 'tag:application'),
  byTag('environment', 'tag:environment'),
  {
    ...{ name: 'cost of budgets', path: '/v1/cost/budgets', query: { limit: 100 }, isTimeless: true },
    checks: [{ expected: totalOf({ budgets: BUDGETS }), read: body => totalOf({ budgets: body.pagination.total }) }],
  },
]
