import { sumsOf, totalIn } from '../answers.mjs'

const shown = filter => Object.entries(filter).map(([field, value]) => `${field} = ${value}`)

/** `GET /v1/analytics/costs` by these groups: its rows, and their sum. */
function costs(by, { filter = {}, last } = {}) {
  const about = [`costs by ${by.join(', ')}`, ...shown(filter), ...(last ? [`last ${last} hours`] : [])]
  return {
    ...{ name: about.join('; '), path: '/v1/analytics/costs', query: { group_by: by.join(',') }, filter },
    ...(last && { last }),
    checks: [
      { by, read: (body, tenant) => sumsOf(body.data, { by, tenant }) },
      { by: [], read: body => totalIn(body.summary) },
    ],
  }
}

const TWO_DAYS = 48
const ONE = [
  ...['day', 'week', 'month', 'provider', 'model', 'agent', 'user', 'team', 'feature', 'entity_type', 'entity'],
  ...['virtual_key', 'tag:environment', 'tag:department'],
]
const SEVERAL = [
  ...[
    ['day', 'provider', 'model'],
    ['day', 'agent'],
    ['week', 'team'],
    ['month', 'user'],
    ['agent', 'model'],
  ],
  ...[
    ['team', 'feature'],
    ['agent', 'team'],
    ['agent', 'feature', 'team'],
    ['virtual_key', 'agent'],
  ],
  ...[
    ['day', 'team', 'feature'],
    ['tag:environment', 'model'],
    ['tag:environment', 'tag:department'],
  ],
  ...[
    ['tag:department', 'team'],
    ['day', 'tag:environment', 'agent'],
  ],
]
const FILTERED = [
  [['day'], { provider: 'anthropic' }],
  [['day'], { model: 'gpt-5' }],
  [['day'], { agent: 'agent_3' }],
  [['day'], { team: 'team_2' }],
  [['model'], { feature: 'feature_5' }],
  [['day'], { user: 'user_40' }],
  [['model'], { entity: 'customer/10' }],
  [['day'], { virtual_key: 'key_7' }],
  [['day'], { 'tag:environment': 'production' }],
  [['feature'], { team: 'team_2' }],
  [['day'], { team: 'team_2', agent: 'agent_3' }],
  [['team'], { agent: 'agent_3' }],
  [['agent'], { user: 'user_40' }],
  [['team'], { entity: 'customer/10' }],
  [['team'], { 'tag:environment': 'production' }],
  [['model'], { 'tag:environment': 'production', 'tag:department': 'sales' }],
]

/** Costs by every group, by several at once, and of filters. */
export const COSTS = [
  costs(['hour'], { last: TWO_DAYS }),
  costs(['hour', 'agent'], { last: TWO_DAYS }),
  ...[...ONE.map(name => [name]), ...SEVERAL].map(by => costs(by)),
  ...FILTERED.map(([by, filter]) => costs(by, { filter })),
]
