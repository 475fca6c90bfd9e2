import { sumOfRow, sumsOf, totalIn, totalOf } from '../answers.mjs'
import { groupName } from '../ledger.mjs'

const spend = (name, filter, query = {}) => ({
  ...{ name: `AI spend, ${name}`, path: '/v1/ai/spend', query: { limit: 100, ...query }, filter, isFilterInPath: true },
  checks: [{ by: [], read: body => totalOf({ events: body.count }) }],
})

const listOf = (name, field) => ({
  by: [field],
  read: ({ data }) => new Map(data[`by_${name}`].map(row => [groupName([row[name]]), sumOfRow(row)])),
})

const unitSum = row => ({
  ...{ events: row.requests, successes: row.successful_requests, tokens: row.input_tokens + row.output_tokens },
  ...{ costNano: Number(row.cost_nano), inputCostNano: Number(row.input_cost_nano) },
  outputCostNano: Number(row.output_cost_nano),
})

function attribution(path, filter) {
  const lists = { by_model: ['provider', 'model'], daily: ['day'] }
  return {
    ...{ name: `AI cost of one of ${path.split('/')[3]}`, path, filter, isFilterInPath: true },
    checks: [
      { by: [], read: ({ data }) => totalIn(data) },
      ...Object.entries(lists).map(([list, by]) => ({
        by,
        read: ({ data }, tenant) => sumsOf(data[list], { by, tenant }),
      })),
    ],
  }
}

/** `GET /v1/ai/*`. */
export const AI = [
  spend('the newest 100', {}),
  spend('of one model', { model: 'gpt-5' }, { model_id: 'gpt-5' }),
  spend('of one source', { source: 'bedrock' }, { source: 'bedrock' }),
  spend('of one application', { 'tag:application': 'crm' }, { application: 'crm' }),
  spend('of one team', { team: 'team_2' }, { team: 'team_2' }),
  {
    ...{ name: 'AI spend summary', path: '/v1/ai/spend/summary' },
    checks: [
      { by: [], read: ({ data }) => totalIn(data) },
      ...[listOf('provider', 'provider'), listOf('model', 'model')],
      ...[listOf('application', 'tag:application'), listOf('team', 'team')],
    ],
  },
  {
    ...{ name: 'AI unit economics', path: '/v1/ai/unit-economics' },
    checks: [
      { by: [], read: ({ data }) => totalOf(unitSum(data)) },
      {
        by: ['provider', 'model'],
        read: ({ data }, tenant) => sumsOf(data.by_model, { by: ['provider', 'model'], tenant, sum: unitSum }),
      },
    ],
  },
  attribution('/v1/ai/agents/agent_3/cost', { agent: 'agent_3' }),
  attribution('/v1/ai/workflows/triage/cost', { 'tag:workflow': 'triage' }),
]
