import { parseArgs } from 'node:util'
import { MAX_EVENTS } from '../../workers/contracts/event-input.ts'
import type { Target } from '../config/connect.ts'
import { Refusal } from '../config/problem.ts'
import { here, operatorOf, targetOf } from '../config/target.ts'

const OPTIONS = {
  url: { type: 'string' },
  tenant: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'to-shard': { type: 'string' },
  'no-wait': { type: 'boolean', default: false },
  batch: { type: 'string', default: '500' },
  'skip-invalid': { type: 'boolean', default: false },
  progress: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** How the command is called. */
export const USAGE = `npm run backfill -- rollups|load|move [options]

  rollups  has the sums of a time made anew from its events: of all tenants, or of one
           --from DATE --to DATE     UTC days, the last one included
           --tenant ID               of this one alone
           --no-wait                 ask for it, and do not wait until it is done
           the operator's token is WEIR_SETUP_TOKEN

  load     reports the events of files: FILE ... of .ndjson, .jsonl or .csv, also .gz
           --batch N                 events a request, 1 to ${MAX_EVENTS}; 500 unless said
           --skip-invalid            put lines that are refused into FILE.rejected.ndjson, and go on
           --progress FILE           where it is kept how far it is; FILE.backfill.json unless said
           the tenant's key is WEIR_API_KEY (it needs events:write and events:read)

  move     has the events of a tenant moved to another database
           --tenant ID --to-shard N
           --no-wait                 as above
           the operator's token is WEIR_SETUP_TOKEN

  --url URL   the instance; else WEIR_BASE_URL, else the one that npm start made here
`

/** What is asked for: sums. `fromMs` and `untilMs` are UTC midnights. */
export type RollupsCommand = {
  name: 'rollups'
  target: Target
  tenant: string | undefined
  fromMs: number
  untilMs: number
  waits: boolean
}

/** What is asked for: files to be reported. */
export type LoadCommand = {
  name: 'load'
  target: Target
  files: string[]
  batch: number
  skipsInvalid: boolean
  progress: string | undefined
}

/** What is asked for: another database for a tenant's events. */
export type MoveCommand = { name: 'move'; target: Target; tenant: string; to: number; waits: boolean }

const DAY_MS = 86_400_000

function dayOf(option: string, text: string | undefined): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text ?? '')) return ms
  throw new Refusal(`--${option} must be a day such as 2026-01-31.`)
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (thrown) {
    throw new Refusal(`${(thrown as Error).message}\n\n${USAGE}`)
  }
}

type Values = ReturnType<typeof parsed>['values']

function rollupsOf(values: Values, rest: string[]): RollupsCommand {
  if (rest.length > 0) throw new Refusal(`rollups takes no files: ${rest.join(' ')}`)
  const [fromMs, toMs] = [dayOf('from', values.from), dayOf('to', values.to)]
  if (toMs < fromMs) throw new Refusal('--to must not be before --from.')
  const range = { fromMs, untilMs: toMs + DAY_MS }
  return {
    ...{ name: 'rollups', target: operatorOf(values.url), tenant: values.tenant },
    ...{ ...range, waits: !values['no-wait'] },
  }
}

function moveOf({ url, tenant, 'to-shard': to, 'no-wait': isQuick }: Values, rest: string[]): MoveCommand {
  if (tenant === undefined || !/^\d{1,2}$/.test(to ?? '') || rest.length > 0) {
    throw new Refusal('move takes --tenant ID and --to-shard N, and no more.')
  }
  return { name: 'move', target: operatorOf(url), tenant, to: Number(to), waits: !isQuick }
}

function loadOf(values: Values, files: string[]): LoadCommand {
  if (files.length === 0) throw new Refusal('Name the files to load.')
  if (values.progress !== undefined && files.length > 1)
    throw new Refusal('--progress is of one file: load them in turn.')
  const batch = Number(values.batch)
  if (!Number.isInteger(batch) || batch < 1 || batch > MAX_EVENTS)
    throw new Refusal(`--batch must be 1 to ${MAX_EVENTS}.`)
  const how = { batch, skipsInvalid: values['skip-invalid'], progress: values.progress && here(values.progress) }
  return { name: 'load', target: targetOf(values.url), files: files.map(here), ...how }
}

/** Reads the command's arguments and environment; `undefined` where help is asked for. Throws a `Refusal`. */
export function readCommand(args: string[]): RollupsCommand | LoadCommand | MoveCommand | undefined {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const [name, ...rest] = positionals
  if (name === 'rollups') return rollupsOf(values, rest)
  if (name === 'load') return loadOf(values, rest)
  if (name === 'move') return moveOf(values, rest)
  throw new Refusal(`Say what to do: rollups, load or move.\n\n${USAGE}`)
}
