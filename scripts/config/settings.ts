import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Target } from './connect.ts'
import { Refusal } from './problem.ts'
import { here, targetOf } from './target.ts'

/** What the command can be asked for. */
export const COMMANDS = ['plan', 'apply', 'export', 'diff'] as const
type Command = (typeof COMMANDS)[number]

const FILES = ['weir.config.ts', 'weir.config.json']

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  url: { type: 'string' },
  out: { type: 'string', short: 'o' },
  'keys-out': { type: 'string' },
  prune: { type: 'boolean', default: false },
  'take-file': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  'allow-literal-secrets': { type: 'boolean', default: false },
  'no-dry-run': { type: 'boolean', default: false },
  'detailed-exitcode': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** How the command is called. */
export const USAGE = `npm run config -- plan|apply|export|diff [options]

  plan     says what apply would do, and what the instance would refuse of it
  apply    makes the instance what the file says; again, it changes nothing
  diff     says what differs between the file and the instance, whoever changed it
  export   writes the instance as a file (--out FILE, else to stdout)

  -f, --file FILE           weir.config.ts or weir.config.json unless said
  --url URL                 the instance; else WEIR_BASE_URL, else the one that npm start made here
                            its key is WEIR_API_KEY (or WEIR_ADMIN_KEY) in the environment
  --prune                   delete what a file once made and says no more
  --take-file, --force      what the file says goes before what was changed by the API
  --keys-out FILE           where the texts of new virtual keys are appended; - is stdout
  --allow-literal-secrets   take secrets that are in the file itself
  --no-dry-run              do not ask the instance beforehand what it would refuse
  --detailed-exitcode       of plan and diff: 2 where there is something to do
  --json                    the plan as JSON
`

/** What the command was asked for. */
export type Settings = {
  command: Command
  file: string
  target: Target
  out: string | undefined
  keysOut: string | undefined
  prune: boolean
  takeFile: boolean
  allowLiterals: boolean
  isTried: boolean
  isDetailed: boolean
  isJson: boolean
}

function findFile(named: string | undefined): string {
  if (named !== undefined) return here(named)
  const found = FILES.map(here).filter(existsSync)
  if (found.length > 1) throw new Refusal(`There are ${FILES.join(' and ')}: say which with --file.`)
  return found[0] ?? here('weir.config.json')
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (thrown) {
    throw new Refusal(`${(thrown as Error).message}\n\n${USAGE}`)
  }
}

/** Reads the command's arguments and environment; `undefined` where help is asked for. Throws a `Refusal`. */
export function readSettings(args: string[]): Settings | undefined {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const command = COMMANDS.find(name => name === positionals[0])
  if (!command || positionals.length > 1) throw new Refusal(`Say what to do: ${COMMANDS.join(', ')}.\n\n${USAGE}`)
  return {
    ...{ command, file: findFile(values.file), target: targetOf(values.url) },
    ...{ out: values.out && here(values.out), keysOut: keysOutOf(values['keys-out']) },
    ...{ prune: values.prune, takeFile: values['take-file'] || values.force },
    allowLiterals: values['allow-literal-secrets'],
    ...{ isTried: !values['no-dry-run'], isDetailed: values['detailed-exitcode'], isJson: values.json },
  }
}

function keysOutOf(target: string | undefined): string | undefined {
  return target === undefined || target === '-' ? target : here(target)
}
