import { ReportedEventInput } from '../../workers/contracts/event-input.ts'

type Fields = Record<string, unknown>

/** What `POST /v1/events` is told of a record. */
export type Report = Record<string, unknown>

const SENT = Object.keys(ReportedEventInput.shape)
const NUMBERS = /_tokens$|^tokens_|^cost_usd$|^latency_ms$|^status$/
const FLAGS = ['success', 'is_stream']

// CSV has texts alone.
function readValue(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (NUMBERS.test(name) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (FLAGS.includes(name) && /^(true|false)$/.test(value)) return value === 'true'
  if (name === 'tags') return parsedTags(value)
  return value
}

function parsedTags(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// Whole nano-dollars are exact, and as dollars they have nine decimals: the nearest double of them is the one that is meant.
function costOf({ cost_nano, cost_usd }: Fields): unknown {
  if (cost_nano === undefined) return cost_usd
  const digits = String(cost_nano)
  if (!/^-?\d+$/.test(digits)) return cost_usd
  const [sign, whole] = digits.startsWith('-') ? ['-', digits.slice(1)] : ['', digits]
  const padded = whole.padStart(10, '0')
  return Number(`${sign}${padded.slice(0, -9)}.${padded.slice(-9)}`)
}

// The archive has instants in milliseconds, and the status under another name.
function renamed(fields: Fields): Fields {
  const { id, timestamp_ms, http_status, external_id, timestamp } = fields
  const at = typeof timestamp_ms === 'number' ? new Date(timestamp_ms).toISOString() : undefined
  return {
    ...fields,
    external_id: external_id ?? id,
    timestamp: timestamp ?? at,
    status: fields.status ?? http_status,
    cost_usd: costOf(fields),
  }
}

/**
 * An event of an export, of `GET /v1/events`, of the archive or of a report, as it is reported. What it was called before becomes its
 * `external_id`, so that it is the same event however often it is loaded.
 */
export function reportOf(fields: Fields): Report {
  const from = renamed(fields)
  const told = SENT.flatMap(name => {
    const value = readValue(name, from[name])
    return value === undefined || value === null || value === '' ? [] : [[name, value]]
  })
  const report = Object.fromEntries(told)
  // Each count has two names: one is enough.
  if ('input_tokens' in report) delete report.tokens_input
  if ('output_tokens' in report) delete report.tokens_output
  return report
}
