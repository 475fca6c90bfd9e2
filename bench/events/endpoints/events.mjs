import { totalOf } from '../answers.mjs'

// A list is checked by how many there are, where it says that it has counted them all.
const countOf = ({ pagination: { total, total_is_exact } }) => totalOf(total_is_exact ? { events: total } : {})

const events = (name, filter = {}, { query = {}, checks, ...more } = {}) => ({
  ...{ name: `events, ${name}`, path: '/v1/events', query: { limit: 100, ...query }, filter, ...more },
  checks: checks ?? [{ by: [], read: countOf }],
})

/** `GET /v1/events`: pages, and every filter. */
export const EVENTS = [
  events('the newest 100'),
  events('the 10,001st on', {}, { query: { offset: 10_000 } }),
  events('of one hour', {}, { last: 1 }),
  events('of one provider', { provider: 'groq' }),
  events('of one model', { model: 'claude-opus-4-1' }),
  events('of one agent', { agent: 'agent_3' }),
  events('of one user', { user: 'user_40' }),
  events('of one entity', { entity: 'customer/10' }),
  events('of one team', { team: 'team_8' }),
  events('of one feature', { feature: 'feature_12' }),
  events('of one key', { virtual_key: 'key_20' }),
  events('of one tag', { 'tag:environment': 'test' }),
  events('of two tags', { 'tag:environment': 'test', 'tag:department': 'platform' }),
  events('of one agent of a team', { agent: 'agent_3', team: 'team_2' }),
  events('that failed', {}, { query: { success: 'false' }, checks: [] }),
  events('that cost a cent or more', {}, { query: { min_cost: '0.01' }, checks: [] }),
]
