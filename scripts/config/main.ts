// `npm run config`: makes an instance what a file says, and tells where they differ. docs/configuration.md is the page for users.
import { writeFileSync } from 'node:fs'
import { Application } from './apply.ts'
import { connect, type Instance } from './connect.ts'
import { countsOf, describeDifference, describePlan, hasChanges, titleOf } from './describe.ts'
import { exportLive } from './export-live.ts'
import { openKeyTexts } from './key-texts.ts'
import type { Step } from './plan.ts'
import { type Prepared, prepare, readState, tryPlan } from './prepare.ts'
import { Refusal } from './problem.ts'
import { progress } from './progress.ts'
import { readSettings, type Settings, USAGE } from './settings.ts'
import { stagesOf } from './stages.ts'
import { unsaidOf } from './unsaid.ts'

const SCHEMA = './docs/weir.config.schema.json'

function exitCodeOf(steps: Step[], { isDetailed }: Settings): number {
  if (steps.some(({ action }) => action === 'conflict')) return 1
  return isDetailed && hasChanges(steps) ? 2 : 0
}

function asJson(steps: Step[]): string {
  const told = steps.map(step => {
    const { action, changes, reason } = step
    return { action, object: titleOf(step), ...(action === 'update' && { changes }), ...(reason && { reason }) }
  })
  return JSON.stringify(told, null, 2)
}

async function showPlan(settings: Settings, instance: Instance): Promise<number> {
  const prepared = await prepare(settings, instance)
  if (settings.isTried) await tryPlan(prepared, instance)
  const { steps } = prepared
  console.log(settings.isJson ? asJson(steps) : describePlan(steps))
  return exitCodeOf(steps, settings)
}

async function showDifference(settings: Settings, instance: Instance): Promise<number> {
  const { steps, state } = await prepare(settings, instance)
  const told = new Set(steps.map(titleOf))
  const untold = state.objects.map(({ kind, name }) => `${kind} ${name}`).filter(name => !told.has(name))
  const isTenant = (name: string) => name === 'tenant tenant'
  const text = describeDifference(
    steps,
    untold.filter(name => !isTenant(name)),
  )
  console.log(text)
  return settings.isDetailed && text !== 'No differences.' ? 2 : 0
}

function checkKeysOut(steps: Step[], { keysOut }: Settings): void {
  const isNew = steps.some(({ action, declared }) => action === 'create' && declared?.kind === 'virtual_key')
  if (!isNew || keysOut !== undefined) return
  throw new Refusal(
    'New virtual keys have texts that are shown once: say where with --keys-out FILE (- is stdout). Nothing was changed.',
  )
}

function checkConflicts(steps: Step[]): void {
  if (!steps.some(({ action }) => action === 'conflict')) return
  throw new Refusal(
    'Nothing was changed: what is marked ! was changed by the API too. Bring it into the file, or apply with --take-file.',
  )
}

async function carryOut({ read, state, steps }: Prepared, settings: Settings, instance: Instance): Promise<void> {
  const stages = stagesOf(steps)
  const total = stages.flatMap(stage => stage.steps).length + countsOf(steps).adopt
  const texts = settings.keysOut === undefined ? undefined : openKeyTexts(settings.keysOut)
  const onStep = progress('applied', total)
  const tell = ({ declared, live }: Step, words: string) => {
    const message = `is refused by the instance: ${words}. What was applied before it stays; the same command goes on from there.`
    return declared ? read.tell({ path: declared.path, message }) : `${live?.kind} ${live?.name} ${message}`
  }
  const { tenantId, objects: live } = state
  await new Application({ instance, tenantId, live, steps, texts, onStep, tell }).run(stages)
}

async function apply(settings: Settings, instance: Instance): Promise<number> {
  const prepared = await prepare(settings, instance)
  const { steps } = prepared
  console.error(describePlan(steps))
  checkConflicts(steps)
  checkKeysOut(steps, settings)
  if (settings.isTried) await tryPlan(prepared, instance)
  await carryOut(prepared, settings, instance)
  const { create, update, adopt, delete: gone } = countsOf(steps)
  console.error(`Applied: ${create} created, ${update} changed, ${gone} deleted, ${adopt} taken over.`)
  return 0
}

async function exportFile({ out }: Settings, instance: Instance): Promise<number> {
  const { objects, keys } = await readState(instance)
  const { file, notices } = exportLive(objects, SCHEMA)
  const text = `${JSON.stringify(file, null, 2)}\n`
  if (out === undefined) process.stdout.write(text)
  else writeFileSync(out, text)
  for (const notice of [...notices, ...(await unsaidOf(instance, keys))]) console.error(notice)
  return 0
}

const COMMANDS = { plan: showPlan, apply, diff: showDifference, export: exportFile }

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2))
  if (settings) return COMMANDS[settings.command](settings, connect(settings.target))
  console.log(USAGE)
  return 0
}

// Node warns of what finds the lines of a TypeScript file, which is not what was asked.
process.removeAllListeners('warning')

main().then(
  code => {
    process.exitCode = code
  },
  thrown => {
    console.error(thrown instanceof Refusal ? thrown.message : thrown)
    process.exitCode = 1
  },
)
