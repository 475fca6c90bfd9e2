import { sumsOf, totalIn } from '../answers.mjs'

const TOP = 10
const most = (list, by) => ({
  ...{ by, top: TOP, isNamed: true },
  read: (body, tenant) => sumsOf(body[list], { by, tenant }),
})

/** `GET /v1/analytics/usage` of half the time, so that there is a period before it. */
function usage(filter) {
  const names = Object.entries(filter).map(entry => entry.join(' = '))
  return {
    ...{ name: ['usage', ...names].join('; '), path: '/v1/analytics/usage', filter, last: 15 * 24 },
    checks: [
      { by: [], read: body => totalIn(body.current_period) },
      { by: [], isOfPeriodBefore: true, read: body => totalIn(body.previous_period) },
      most('top_agents', ['agent']),
      most('top_users', ['user']),
      most('top_providers', ['provider']),
      most('top_models', ['provider', 'model']),
    ],
  }
}

/** What was used. */
export const USAGE = [usage({}), usage({ provider: 'openai' })]
