// Keys in teams of one customer, with a budget on each of the three levels.
import { makeMany } from './load.mjs'

const budgets = usd => (usd === undefined ? {} : { budgets: [{ max_limit: usd, reset_duration: '1M' }] })

/** Makes a customer, its teams (one for each budget in `teamsUsd`) and `keys` keys, spread over the teams in turn. */
export async function makeOrganisation(admin, { customerUsd, teamsUsd, keys, keyUsd }) {
  const name = crypto.randomUUID()
  const make = (path, body) => admin.call('POST', `/api/governance/${path}`, body)
  const { customer } = await make('customers', { name, ...budgets(customerUsd) })
  const teams = []
  for (const [n, usd] of teamsUsd.entries()) {
    const { team } = await make('teams', { name: `${name}-${n}`, customer_id: customer.id, ...budgets(usd) })
    teams.push(team)
  }
  const made = await makeMany(keys, n => {
    const parent = teams.length > 0 ? { team_id: teams[n % teams.length].id } : { customer_id: customer.id }
    return admin.createKey({ budgetUsd: keyUsd(n), ...parent })
  })
  return { customer, teams, keys: made }
}
