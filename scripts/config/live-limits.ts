import { limitName, limitSpec } from './declare-limits.ts'
import type { Shown } from './live-groups.ts'
import { tidy } from './object.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** Model configs as specs have them: their limits are listed as those of their scopes. */
export function liveModels(rows: Row[]): Shown[] {
  return rows.map(({ id, model_name, provider }) => {
    const name = provider ? `model:${model_name}/provider:${provider}` : `model:${model_name}`
    return { kind: 'model_config', name, id, spec: tidy({ model_name, provider }) }
  })
}

// Those of teams, customers and keys are said where these are.
const isAbove = ({ scope }: Row) => !/^(?:virtual_key|team|customer):/.test(scope)

/** Limits above keys, teams and customers as specs have them. */
export function liveLimits(rows: Row[], tenantId: string): Shown[] {
  return rows.filter(isAbove).map(row => {
    const scope = row.scope === `tenant:${tenantId}` ? 'tenant' : row.scope
    const spec = limitSpec({ ...row, scope, duration: row.duration ?? undefined })
    return { kind: 'limit', name: limitName(spec), id: row.id, spec }
  })
}
