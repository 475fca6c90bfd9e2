import type { Live, Spec } from './object.ts'
import type { Step } from './plan.ts'
import type { Problem } from './problem.ts'

/** Where a rule stands among those of its scope. */
export function placeOfRule({ scope = 'global', scope_name = '', priority = 0 }: Spec): string {
  return JSON.stringify([scope, scope_name, priority])
}

function stays({ action, declared, live }: Step, place: string): boolean {
  if (action === 'delete' || !live) return false
  return placeOfRule(action === 'update' && declared ? declared.spec : live.spec) === place
}

/** Rules whose priority one holds that stays where it is. Those that move make room. */
export function checkPriorities(steps: Step[], live: Live[]): Problem[] {
  const rules = live.filter(({ kind }) => kind === 'routing_rule')
  const stepOf = new Map(steps.flatMap(step => (step.live ? [[step.live.id, step] as const] : [])))
  return steps.flatMap(({ action, declared, live: own }) => {
    if (declared?.kind !== 'routing_rule' || (action !== 'create' && action !== 'update')) return []
    const place = placeOfRule(declared.spec)
    const holder = rules.find(one => one.id !== own?.id && placeOfRule(one.spec) === place)
    if (!holder || !stays(stepOf.get(holder.id) ?? { action: 'none', live: holder, changes: [] }, place)) return []
    const message = `has the priority ${declared.spec.priority ?? 0}, which the rule ${holder.name} has on the instance: give it another one`
    return [{ path: declared.path, message }]
  })
}

/** Limits that would go with the model config whose scope they have. */
export function checkModels(steps: Step[]): Problem[] {
  const gone = steps.flatMap(({ action, live }) =>
    action === 'delete' && live?.kind === 'model_config' ? [live.name] : [],
  )
  return steps.flatMap(({ declared }) => {
    if (declared?.kind !== 'limit' || !gone.includes(String(declared.spec.scope))) return []
    const message = `would go with the model config of ${declared.spec.scope}: keep that in model_configs, or take the limit out too`
    return [{ path: declared.path, message }]
  })
}
