// Weir beside others, in one command: `npm run bench`; `npm run bench -- --help` says what it takes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describeMachine } from '../overspend/machine.mjs'
import { agreementLines, compareRuns } from './agreement.mjs'
import { chosenSubjects } from './chosen-subjects.mjs'
import { installFor } from './install.mjs'
import { MachineIsLoaded } from './machine-load.mjs'
import { measure } from './measure.mjs'
import { pageOf } from './page.mjs'
import { readSettings, USAGE } from './settings.mjs'
import { scratchDirectory } from './subjects/workerd.mjs'
import { mainTable, targetTable } from './tables.mjs'
import { targetsOf } from './targets.mjs'

const LOADED = 3

const TMPFS = '/dev/shm'

// A disk measures its own flushes. All that is started has its state in one directory, which is gone when we are.
function chooseStorage() {
  if (existsSync(TMPFS)) process.env.TMPDIR = TMPFS
  process.env.TMPDIR = scratchDirectory('run').path
  return existsSync(TMPFS) ? 'tmpfs' : 'a disk'
}

async function newRun(settings) {
  const storage = chooseStorage()
  const measured = await measure(settings)
  const { rounds, seconds, scale, force, command } = settings
  const machine = describeMachine({ command, storage })
  return { machine, settings: { rounds, seconds, scale, force }, ...measured }
}

const readRun = file => JSON.parse(readFileSync(file, 'utf8'))

function report(run, { json, markdown, compare }) {
  console.log(mainTable(run).join('\n'))
  console.log(`\n${targetTable(targetsOf(run)).join('\n')}`)
  if (json) writeFileSync(json, `${JSON.stringify(run, null, 1)}\n`)
  if (markdown) writeFileSync(markdown, pageOf(run))
  if (compare) console.log(`\n${agreementLines(compareRuns(readRun(compare), run)).join('\n')}`)
}

async function main() {
  const settings = readSettings(process.argv.slice(2))
  if (settings.help) return console.log(USAGE)
  if (settings.from) return report(readRun(settings.from), settings)
  await installFor(chosenSubjects(settings).map(({ id }) => id))
  return settings.install ? undefined : report(await newRun(settings), settings)
}

function explain(failure) {
  console.error(failure instanceof MachineIsLoaded ? `bench: ${failure.message}` : failure)
  return failure instanceof MachineIsLoaded ? LOADED : 1
}

// What was started ends when this process exits, and only then.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
process.on('disconnect', () => process.exit(1))

process.exit(await main().then(() => 0, explain))
