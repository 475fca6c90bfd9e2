import { keySpec } from './declare-keys.ts'
import { nameOf, type Shown } from './live-groups.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

const AS_IT_IS = { provider: (name: string) => name }

function grantOf({ provider, weight, allowed_models, blacklisted_models, ...more }: Row) {
  const keys = more.allow_all_keys ? undefined : more.keys.map((key: Row) => key.name)
  const { budgets, rate_limit } = more
  return { provider, weight, allowed_models, blacklisted_models, keys, budgets, rate_limit }
}

/** Virtual keys as specs have them, without their texts. */
export function liveKeys(rows: Row[], groups: Shown[]): Shown[] {
  return rows.map(row => {
    const team = nameOf(groups, 'team', row.team_id)
    const customer = nameOf(groups, 'customer', row.customer_id)
    const spec = keySpec({ ...row, team, customer, provider_configs: row.provider_configs.map(grantOf) }, AS_IT_IS)
    return { kind: 'virtual_key', name: row.name, id: row.id, spec }
  })
}
