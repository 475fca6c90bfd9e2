import { type Instance, Refused } from './connect.ts'
import { declare } from './declare.ts'
import type { Live } from './object.ts'
import { checkAmbiguous, checkReferences, plan, type Step } from './plan.ts'
import { checkModels, checkPriorities } from './plan-checks.ts'
import { type Problem, Refusal } from './problem.ts'
import { progress } from './progress.ts'
import { type ReadConfig, readConfig } from './read-file.ts'
import { type LiveState, readLive } from './read-live.ts'
import type { Settings } from './settings.ts'
import { tryOut } from './try-out.ts'

/** A plan, with the file and the instance that it was made of. */
export type Prepared = { read: ReadConfig; state: LiveState; steps: Step[] }

/** Reads the instance. Throws a `Refusal` that says what the key lacks. */
export async function readState(instance: Instance): Promise<LiveState> {
  return readLive(instance).catch(thrown => {
    throw thrown instanceof Refused ? new Refusal(`The instance refuses to be read: ${thrown.message}`) : thrown
  })
}

function namesOf({ providers }: LiveState) {
  const known = new Map(providers.map(name => [name.toLowerCase(), name]))
  return { provider: (name: string) => known.get(name.toLowerCase()) ?? name.toLowerCase() }
}

/** Reads file and instance and plans. Throws a `Refusal` for all that is wrong with the file. */
export async function prepare(settings: Settings, instance: Instance): Promise<Prepared> {
  const read = await readConfig(settings.file)
  const state = await readState(instance)
  const source = { env: process.env, allowLiterals: settings.allowLiterals }
  const { declared, problems } = declare(read.config, namesOf(state), source)
  if (problems.length > 0) read.refuse(problems)
  const steps = plan(declared, state.objects, settings)
  const more = checksOf(steps, state.objects, state.providers)
  if (more.length > 0) read.refuse(more)
  return { read, state, steps }
}

function checksOf(steps: Step[], live: Live[], providers: string[]): Problem[] {
  return [
    ...checkReferences(steps, { live, providers }),
    ...checkAmbiguous(steps, live),
    ...checkPriorities(steps, live),
    ...checkModels(steps),
  ]
}

/** Asks the instance what it would refuse of a plan. Throws a `Refusal` for that. */
export async function tryPlan({ read, state, steps }: Prepared, instance: Instance): Promise<void> {
  const start = (total: number) => progress('checked', total)
  const trial = { instance, tenantId: state.tenantId, live: state.objects, steps, start }
  const { problems, isAllowed } = await tryOut(trial)
  if (problems.length > 0) read.refuse(problems)
  if (!isAllowed) console.error('Not all was checked with the instance: the key may not change it.')
}
