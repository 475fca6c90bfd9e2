import type { Ids } from './body.ts'
import { changeOf } from './change-of.ts'
import { type Instance, Refused } from './connect.ts'
import { type Declared, type Live, type Spec, stable } from './object.ts'
import type { Step } from './plan.ts'
import { placeOfRule } from './plan-checks.ts'
import type { Problem } from './problem.ts'
import { eachOf } from './stages.ts'

const AT_ONCE = 8

/** What is tried; `start` is called with how much that is, and what it answers after each. */
export type Trial = {
  instance: Instance
  tenantId: string
  live: Live[]
  steps: Step[]
  start(total: number): () => void
}

/** What the instance would refuse; `isAllowed`: whether the caller may ask. */
export type Tried = { problems: Problem[]; isAllowed: boolean }

/** A key without what is still to be made, which can only be checked when it is. */
function withoutPending(declared: Declared, isPending: (kind: Declared['kind'], name: string) => boolean): Declared {
  const { team, customer, provider_configs = [], mcp_configs = [], ...spec } = declared.spec
  const tools = (mcp_configs as Spec[]).filter(one => !isPending('mcp_client', String(one.mcp_client_name)))
  const grants = (provider_configs as Spec[]).filter(({ provider, keys = [] }) => {
    const named = (keys as string[]).filter(key => key !== '*').map(key => `${provider}/${key}`)
    return !isPending('provider', String(provider)) && !named.some(key => isPending('provider_key', key))
  })
  return {
    ...declared,
    spec: {
      ...spec,
      ...(team && !isPending('team', String(team)) && { team }),
      ...(customer && !isPending('customer', String(customer)) && { customer }),
      ...(grants.length > 0 && { provider_configs: grants }),
      ...(tools.length > 0 && { mcp_configs: tools }),
    },
  }
}

function tester({ live, steps }: Trial) {
  const known = new Map(live.map(one => [`${one.kind} ${one.name}`, one.id]))
  const pending = new Set(
    steps.flatMap(({ action, declared }) =>
      action === 'create' && declared ? [`${declared.kind} ${declared.name}`] : [],
    ),
  )
  const ids: Ids = (kind, name) => known.get(`${kind} ${name}`)
  return { ids, isPending: (kind: Declared['kind'], name: string) => pending.has(`${kind} ${name}`) }
}

// A rule that takes another one's place is refused until that has moved.
function isWaiting({ declared, live: own }: Step, live: Live[]): boolean {
  if (declared?.kind !== 'routing_rule') return false
  const place = placeOfRule(declared.spec)
  return live.some(one => one.kind === 'routing_rule' && one.id !== own?.id && placeOfRule(one.spec) === place)
}

function canBeTried(step: Step, isPending: ReturnType<typeof tester>['isPending'], live: Live[]): boolean {
  const { action, declared } = step
  if (!declared || (action !== 'create' && action !== 'update') || isWaiting(step, live)) return false
  return declared.kind === 'virtual_key' || !declared.refs.some(({ kind, name }) => isPending(kind, name))
}

// What is said of one new key is said of all that differ from it in their names alone: the plan knows which names are taken.
function firstOfEach(steps: Step[]): Step[] {
  const seen = new Set<string>()
  return steps.filter(({ action, declared }) => {
    if (action !== 'create' || declared?.kind !== 'virtual_key') return true
    const { name: _, description: __, ...rest } = declared.spec
    const shape = stable(rest)
    return seen.size < seen.add(shape).size
  })
}

/** Asks the instance of every step whether it would be refused. Nothing is written. */
export async function tryOut(trial: Trial): Promise<Tried> {
  const { instance, tenantId, steps, start } = trial
  const { ids, isPending } = tester(trial)
  const tried: Tried = { problems: [], isAllowed: true }
  const asked = firstOfEach(steps.filter(step => canBeTried(step, isPending, trial.live)))
  const onStep = start(asked.length)
  const ask = async (step: Step) => {
    const { declared } = step
    if (!declared) return
    const known = declared.kind === 'virtual_key' ? { ...step, declared: withoutPending(declared, isPending) } : step
    await instance.change({ ...changeOf(known, { ids, tenantId }), isTrial: true }).catch(thrown => {
      if (!(thrown instanceof Refused)) throw thrown
      if (thrown.status === 403) tried.isAllowed = false
      else tried.problems.push({ path: declared.path, message: `is refused by the instance: ${thrown.message}` })
    })
    onStep()
  }
  await eachOf(asked, AT_ONCE, ask)
  return tried
}
