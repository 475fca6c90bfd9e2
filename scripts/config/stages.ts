import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import type { Step } from './plan.ts'

/** What has to go before anything takes its place: a priority, or what there can only be so many of. */
const GONE_FIRST: readonly ConfigKind[] = ['routing_rule', 'pricing_override', 'limit', 'webhook']
const GONE_LAST: readonly ConfigKind[] = [
  'virtual_key',
  'mcp_client',
  'model_config',
  'provider_key',
  'provider',
  'team',
  'customer',
]

/** What others name goes before them. Limits go before keys: each of them would be written into every key that there is. */
const MADE: readonly ConfigKind[] = [
  'tenant',
  'customer',
  'team',
  'provider',
  'provider_key',
  'mcp_client',
  'model_config',
  'limit',
  'webhook',
]
const POLICIES: readonly ConfigKind[] = ['pricing_override', 'routing_rule']

/** Kinds whose changes do not get in each other's way. */
const SIDE_BY_SIDE: readonly ConfigKind[] = ['virtual_key', 'customer', 'team']
const AT_ONCE = 8

/** Steps that are done together, and how many of them at once. */
export type Stage = { steps: Step[]; width: number }

const kindOf = ({ declared, live }: Step) => declared?.kind ?? live?.kind ?? 'tenant'
const namesKey = ({ declared }: Step) => declared?.refs.some(({ kind }) => kind === 'virtual_key') ?? false

function stage(steps: Step[], kind: ConfigKind, picks: (step: Step) => boolean): Stage {
  return {
    steps: steps.filter(step => kindOf(step) === kind && picks(step)),
    width: SIDE_BY_SIDE.includes(kind) ? AT_ONCE : 1,
  }
}

// What goes with its account needs no step of its own.
function withoutFollowers(steps: Step[]): Step[] {
  const accounts = new Set(
    steps.flatMap(({ action, live }) => (action === 'delete' && live?.kind === 'provider' ? [live.name] : [])),
  )
  const follows = ({ action, live }: Step) =>
    action === 'delete' && live?.kind === 'provider_key' && accounts.has(String(live.spec.provider))
  return steps.filter(step => !follows(step))
}

/** The steps that change something, in an order in which none needs what is not there yet. */
export function stagesOf(all: Step[]): Stage[] {
  const steps = withoutFollowers(all)
  const isDeleted = ({ action }: Step) => action === 'delete'
  const isWritten = ({ action }: Step) => action === 'create' || action === 'update'
  return [
    ...GONE_FIRST.map(kind => stage(steps, kind, isDeleted)),
    ...MADE.map(kind => stage(steps, kind, isWritten)),
    ...POLICIES.map(kind => stage(steps, kind, step => isWritten(step) && !namesKey(step))),
    stage(steps, 'virtual_key', isWritten),
    ...POLICIES.map(kind => stage(steps, kind, step => isWritten(step) && namesKey(step))),
    ...GONE_LAST.map(kind => stage(steps, kind, isDeleted)),
  ].filter(({ steps: own }) => own.length > 0)
}

/** Does something with each of a list, so many at once, in order. The first that throws ends it when those that run have ended. */
export async function eachOf<T>(list: T[], width: number, act: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...list]
  let failure: { thrown: unknown } | undefined
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined && !failure; one = waiting.shift()) {
      await act(one).catch(thrown => {
        failure ??= { thrown }
      })
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  if (failure) throw failure.thrown
}
