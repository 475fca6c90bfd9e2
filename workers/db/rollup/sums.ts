// Tokens that go in, by the units of a charge's lines; everything else with a token in it comes out.
const INPUT = ['input', 'cached_input', 'cache_write', 'cache_write_1h', 'input_audio', 'cached_input_audio']
const INPUT_MEDIA = ['input_image', 'cached_input_image', 'input_video']
const OUTPUT = ['output', 'reasoning', 'output_audio', 'output_image', 'output_video']

// Each line is rounded down to whole nano-dollars; the rest of the charge is neither.
function costOfLines(units: string[]): string {
  const names = units.map(unit => `'${unit}'`).join(', ')
  return `CAST(coalesce((SELECT sum((line.value ->> 1) * (line.value ->> 2) / 1000)
    FROM json_each(event.cost_detail, '$.lines') AS line WHERE line.value ->> 0 IN (${names})), 0) AS INTEGER)`
}

/** What is summed, and what one event (`usage_event AS event`) adds to it. */
const OF_EVENT = {
  events: '1',
  successes: 'event.success',
  estimates: "event.outcome IN ('estimated', 'assumed')",
  input_tokens: 'event.input_tokens',
  output_tokens: 'event.output_tokens',
  cached_input_tokens: 'event.cached_input_tokens',
  cache_write_tokens: 'event.cache_write_tokens',
  reasoning_tokens: 'event.reasoning_tokens',
  latency_ms: 'event.latency_ms',
  cost_nano: 'event.cost_nano',
  overrun_nano: 'event.overrun_nano',
  input_cost_nano: costOfLines([...INPUT, ...INPUT_MEDIA]),
  output_cost_nano: costOfLines(OUTPUT),
  first_ms: 'event.timestamp_ms',
  last_ms: 'event.timestamp_ms',
} as const

/** The name of a sum; `first_ms` and `last_ms` are the earliest and the latest instant. */
export type SumName = keyof typeof OF_EVENT

/** Sums of money, which may pass 2^53 nano-dollars. */
export type MoneySum = 'cost_nano' | 'overrun_nano' | 'input_cost_nano' | 'output_cost_nano'

/** Every sum, in the order of the columns. */
export const SUM_NAMES = Object.keys(OF_EVENT) as SumName[]

/** Whether a sum is of money. */
export function isMoney(name: SumName): name is MoneySum {
  return name.endsWith('_nano')
}

/** What one event adds to a sum. */
export function addedByEvent(name: SumName): string {
  return OF_EVENT[name]
}

/** How what was added is put together. */
export function putTogether(name: SumName, what: string): string {
  const how: Partial<Record<SumName, string>> = { first_ms: 'min', last_ms: 'max' }
  return `${how[name] ?? 'sum'}(${what})`
}
