import { Application } from '../../scripts/config/apply.ts'
import { type Instance, Refused } from '../../scripts/config/connect.ts'
import { declare } from '../../scripts/config/declare.ts'
import { countsOf, describeStep } from '../../scripts/config/describe.ts'
import { exportLive } from '../../scripts/config/export-live.ts'
import { ConfigFile } from '../../scripts/config/file-schema.ts'
import { checkReferences, type PlanOptions, plan, type Step } from '../../scripts/config/plan.ts'
import { checkModels, checkPriorities } from '../../scripts/config/plan-checks.ts'
import { readLive } from '../../scripts/config/read-live.ts'
import { stagesOf } from '../../scripts/config/stages.ts'
import { tryOut } from '../../scripts/config/try-out.ts'
import { unsaidOf } from '../../scripts/config/unsaid.ts'
import type { Call, Control } from '../control/fake-ports.ts'
import { newTenant } from '../control/fake-ports.ts'

/** The environment that files are read in; the last two are what an export of the tenant's accounts asks for. */
export const ENV: Record<string, string> = { SECRET_ONE: 'sk-one-0123456789', SECRET_TWO: 'sk-two-9876543210' }

type Asked = { options?: Partial<PlanOptions>; env?: Record<string, string> }

/** A tenant of the real management API, to which files are applied as `npm run config` does. */
export async function tenantOfFiles(control: Control) {
  const { call, tenantId } = await newTenant(control)
  const ask = async (...args: Call) => {
    const { status, body } = await call(...args)
    if (status >= 300) throw new Refused(status, `${args[0]} ${args[1]}: ${JSON.stringify([args[2], body])}`)
    return body
  }
  const sent: string[] = []
  const instance: Instance = {
    get: path => ask('GET', path),
    change: ({ method, path, body, hash, isTrial, once }) => {
      if (!isTrial) sent.push(`${method} ${path}`)
      const headers = {
        ...(hash && !isTrial && { 'x-weir-config-hash': hash }),
        ...(isTrial && { 'x-weir-dry-run': 'true' }),
        ...(once && !isTrial && { 'idempotency-key': once }),
      }
      return ask(method, path, body, headers as Record<string, string>)
    },
  }
  const prepare = async (file: unknown, { options, env = ENV }: Asked = {}) => {
    const state = await readLive(instance)
    const names = new Map(state.providers.map(name => [name.toLowerCase(), name]))
    const named = { provider: (name: string) => names.get(name.toLowerCase()) ?? name.toLowerCase() }
    const { declared, problems } = declare(ConfigFile.parse(file), named, { env, allowLiterals: false })
    const steps = plan(declared, state.objects, { takeFile: false, prune: false, ...options })
    const live = state.objects
    const more = [
      ...checkReferences(steps, { live, providers: state.providers }),
      ...checkPriorities(steps, live),
      ...checkModels(steps),
    ]
    return { steps, live, problems: [...problems, ...more] }
  }
  const tried = async ({ steps, live }: { steps: Step[]; live: Awaited<ReturnType<typeof readLive>>['objects'] }) =>
    tryOut({ instance, tenantId, live, steps, start: () => () => undefined })
  const texts: Record<string, string> = {}
  const apply = async (file: unknown, asked?: Asked) => {
    const prepared = await prepare(file, asked)
    if (prepared.problems.length > 0) throw new Error(JSON.stringify(prepared.problems))
    const { problems } = await tried(prepared)
    if (problems.length > 0) throw new Error(JSON.stringify(problems))
    const keep = {
      lost: [],
      begin: () => undefined,
      keep: ({ name, value }: { name: string; value: string }) => {
        texts[name] = value
      },
    }
    const work = {
      ...prepared,
      instance,
      tenantId,
      texts: keep,
      onStep: () => undefined,
      tell: (_: Step, words: string) => words,
    }
    await new Application(work).run(stagesOf(prepared.steps))
    return countsOf(prepared.steps)
  }
  const counts = async (file: unknown, asked?: Asked) => countsOf((await prepare(file, asked)).steps)
  const toDo = async (file: unknown, asked?: Asked) =>
    (await prepare(file, asked)).steps.filter(({ action }) => action !== 'none').flatMap(describeStep)
  const exported = async () => exportLive((await readLive(instance)).objects, 'schema').file
  const unsaid = async () => unsaidOf(instance, (await readLive(instance)).keys)
  return { call, tenantId, instance, sent, texts, prepare, tried, apply, counts, toDo, exported, unsaid }
}
