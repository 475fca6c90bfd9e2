import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import { type Declared, hashOf, inView, type Json, type Live, type Spec, stable } from './object.ts'
import type { Problem } from './problem.ts'

/** A field that differs: as it is there, and as the file says it. `undefined`: it is not there. */
export type FieldChange = { field: string; from: Json | undefined; to: Json | undefined }

/**
 * What is to be done with an object. `adopt`: it is as the file says, which only has to be written down. `drifted`: the API
 * changed it, the file did not, and it stays. `conflict`: both did, or the file never made it. `left`: the file once made it, and
 * says nothing of it any more.
 */
export type Action = 'create' | 'update' | 'delete' | 'adopt' | 'none' | 'drifted' | 'conflict' | 'left'

/** A step of a plan. */
export type Step = {
  action: Action
  declared?: Declared
  live?: Live
  hash?: string
  changes: FieldChange[]
  /** Why it is a conflict, or what a deletion would take away. */
  reason?: string
}

/** `takeFile`: what the file says goes before what was changed by the API. `prune`: what it says no more is deleted. */
export type PlanOptions = { takeFile: boolean; prune: boolean }

/** Actions that change the instance, were it only what is known of the file. */
export const ACTING: readonly Action[] = ['create', 'update', 'delete', 'adopt']

function changesOf(from: Spec, to: Spec): FieldChange[] {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  const all = fields.map(field => ({ field, from: from[field], to: to[field] }))
  return all.filter(one => stable(one.from ?? null) !== stable(one.to ?? null))
}

const UNKNOWN = 'it was made by the API and differs: the file never made it'
const BOTH = 'the file changed it, and so did the API'
const GONE = 'the file says nothing of it any more, but the API changed it'

// The three hashes: of the file, of what is there, and of what the file last made of it.
function judge(
  hashes: { file: string; there: string; made: string | null },
  kind: ConfigKind,
): Pick<Step, 'action' | 'reason'> {
  const { file, there, made } = hashes
  if (file === there) return { action: made === file ? 'none' : 'adopt' }
  // A tenant is there before any file, and a file that names other settings of it than before says nothing against them.
  if (kind === 'tenant') return { action: made === file ? 'drifted' : 'update' }
  if (made === null) return { action: 'conflict', reason: UNKNOWN }
  if (made === there) return { action: 'update' }
  return made === file ? { action: 'drifted' } : { action: 'conflict', reason: BOTH }
}

function compare(declared: Declared, live: Live, { takeFile }: PlanOptions): Step {
  const { kind, spec } = declared
  const seen = inView(live, spec)
  const hash = hashOf(kind, spec)
  const judged = judge({ file: hash, there: hashOf(kind, seen), made: live.hash }, kind)
  const isTaken = takeFile && (judged.action === 'drifted' || judged.action === 'conflict')
  return { ...(isTaken ? { action: 'update' } : judged), declared, live, hash, changes: changesOf(seen, spec) }
}

function leftover(live: Live, { prune, takeFile }: PlanOptions): Step {
  const changes: FieldChange[] = []
  if (!prune) return { action: 'left', live, changes }
  const isAsMade = [live.spec, inView(live, {})].some(spec => hashOf(live.kind, spec) === live.hash)
  if (isAsMade || takeFile) return { action: 'delete', live, changes }
  return { action: 'conflict', live, changes, reason: GONE }
}

function create(declared: Declared): Step {
  const { kind, spec } = declared
  return { action: 'create', declared, hash: hashOf(kind, spec), changes: changesOf({}, spec) }
}

const nameIn = ({ kind, name }: Pick<Live, 'kind' | 'name'>) => `${kind} ${name}`

/** What has to be done for an instance to be as the file says. A tenant is never deleted. */
export function plan(declared: Declared[], live: Live[], options: PlanOptions): Step[] {
  const there = new Map(live.map(one => [nameIn(one), one]))
  const names = new Set(declared.map(nameIn))
  const steps = declared.map(one => {
    const found = there.get(nameIn(one))
    return found ? compare(one, found, options) : create(one)
  })
  const owned = live.filter(one => one.hash !== null && one.kind !== 'tenant' && !names.has(nameIn(one)))
  return [...steps, ...owned.map(one => leftover(one, options))]
}

/** Names in the file that stand for nothing, and those of which the instance has two. */
export function checkReferences(steps: Step[], { live, providers }: { live: Live[]; providers: string[] }): Problem[] {
  const gone = new Set(steps.flatMap(({ action, live: one }) => (action === 'delete' && one ? [nameIn(one)] : [])))
  const known = new Set([
    ...live.map(nameIn).filter(name => !gone.has(name)),
    ...steps.flatMap(({ declared }) => (declared ? [nameIn(declared)] : [])),
    ...providers.map(name => `provider ${name}`),
  ])
  return steps.flatMap(({ declared }) => {
    const missing = declared?.refs.filter(ref => !known.has(nameIn(ref))) ?? []
    return missing.map(({ kind, name, path }) => ({
      path,
      message: `names the ${kind} ${name}, which is neither in the file nor on the instance`,
    }))
  })
}

/** Where the instance has two of a name, so that it cannot be told which of them the file means. */
export function checkAmbiguous(steps: Step[], live: Live[]): Problem[] {
  const counts = new Map<string, number>()
  for (const one of live) counts.set(nameIn(one), (counts.get(nameIn(one)) ?? 0) + 1)
  return steps.flatMap(({ declared }) => {
    const isTwice = declared && (counts.get(nameIn(declared)) ?? 0) > 1
    const message = `is the name of more than one ${declared?.kind} on the instance: give all but one of them another name`
    return isTwice ? [{ path: declared.path, message }] : []
  })
}
