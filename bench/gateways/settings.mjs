import { parseArgs } from 'node:util'

const text = { type: 'string' }
const flag = { type: 'boolean', default: false }

/** What \`--help\` prints. */
export const USAGE = `npm run bench -- [options]

  --rounds 5             rounds of the main table's loads; others have three of five
  --seconds 0.8          of each load
  --scale 0.3            of the overspend program's cases; 0 leaves them out
  --only weir,portkey    these subjects beside the provider: bare, holding, weir-workerd, weir, portkey, litellm, bifrost
  --cells json-1,json-32 these loads only
  --json FILE            the run, from which page and comparison are made
  --markdown FILE        the page
  --from FILE            measure nothing: take the run from a file
  --compare FILE         say which figures differ from an earlier run by more than it stated
  --force                measure although something else uses the machine
  --install              install what is measured beside Weir, and end

Bifrost:      --bifrost FILE   its program (bifrost-http)
Any gateway:  --base-url URL --key KEY [--model gpt-4o-mini] [--name TEXT] [--pid N] --upstream-port N
              set up before with http://127.0.0.1:N/v1 for OpenAI's base URL. With more keys (repeat --key), each with a
              budget of --limit-usd 0.01, the overspend program uses them up, one a case`

const options = {
  rounds: { ...text, default: '5' },
  seconds: { ...text, default: '0.8' },
  scale: { ...text, default: '0.3' },
  only: text,
  cells: text,
  json: text,
  markdown: text,
  from: text,
  compare: text,
  force: flag,
  install: flag,
  help: flag,
  bifrost: text,
  'base-url': text,
  key: { ...text, multiple: true, default: [] },
  model: { ...text, default: 'gpt-4o-mini' },
  'limit-usd': { ...text, default: '0.01' },
  name: text,
  pid: text,
  'upstream-port': { ...text, default: '0' },
}

function positive(name, value) {
  const number = Number(value)
  if (number > 0) return number
  throw new Error(`--${name} ${value}: a number above zero is needed`)
}

function givenBy(values) {
  const baseUrl = values['base-url']
  if (!baseUrl) return undefined
  if (values.key.length === 0 || values['upstream-port'] === '0') {
    throw new Error(`--key and --upstream-port are needed with --base-url.\n${USAGE}`)
  }
  const pid = values.pid && positive('pid', values.pid)
  return {
    baseUrl,
    keys: values.key,
    model: values.model,
    name: values.name,
    pid,
    limitUsd: Number(values['limit-usd']),
  }
}

// Without the names of files, which are nobody else's, and without keys.
function commandOf({ rounds, seconds, scale, only, cells, force }) {
  const shown = { rounds, seconds, scale, only, cells }
  const parts = Object.entries(shown).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))
  return ['npm run bench --', ...parts, ...(force ? ['--force'] : [])].join(' ')
}

/** What was asked for on the command line. */
export function readSettings(args) {
  const { values } = parseArgs({ args, options })
  return {
    ...values,
    rounds: Math.ceil(positive('rounds', values.rounds)),
    seconds: positive('seconds', values.seconds),
    scale: Number(values.scale),
    only: values.only?.split(','),
    cells: values.cells?.split(','),
    port: Number(values['upstream-port']),
    given: givenBy(values),
    command: commandOf(values),
  }
}
