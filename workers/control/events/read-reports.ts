import { z } from 'zod'
import { MAX_EVENTS, ReportedEventInput } from '../../contracts/event-input.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { parseIsoTime } from '../http/iso-time.ts'
import { readJson } from '../http/read-json.ts'
import { flawedItems, type ItemFlaw } from './item-flaws.ts'

/** An event as it was reported, checked. */
export type Report = Omit<ReportedEventInput, 'timestamp'> & { atMs: number; inputTokens: number; outputTokens: number }

/** The events of a request, and whether they were sent as a list. */
export type Reports = { reports: Report[]; isBatch: boolean }

const DAY_MS = 86_400_000
/** How long ago a call may have begun, and how far a caller's clock may be ahead, in milliseconds. */
const MAX_AGE_MS = 400 * DAY_MS
const MAX_AHEAD_MS = 300_000

const Batch = z.strictObject({ events: z.array(z.unknown()).min(1).max(MAX_EVENTS) })

function itemsOf(body: unknown): { items: unknown[]; isBatch: boolean } {
  const isBatch = typeof body === 'object' && body !== null && 'events' in body
  if (!isBatch) return { items: [body], isBatch }
  const parsed = Batch.safeParse(body)
  if (parsed.success) return { items: parsed.data.events, isBatch }
  throw new GatewayError('request_invalid', `events must be a list of 1 to ${MAX_EVENTS} events, and alone.`, {
    param: 'events',
  })
}

// Two names of the same count, of which a caller may know either.
function countOf(
  input: ReportedEventInput,
  [one, other]: ['input_tokens' | 'output_tokens', 'tokens_input' | 'tokens_output'],
) {
  return input[one] ?? input[other] ?? 0
}

function flawOf(
  input: ReportedEventInput,
  report: Report,
  nowMs: number,
): [param: string, message: string] | undefined {
  const { inputTokens, outputTokens, atMs } = report
  if (atMs < nowMs - MAX_AGE_MS) return ['timestamp', 'must be within the last 400 days']
  if (atMs > nowMs + MAX_AHEAD_MS) return ['timestamp', 'must not be later than now']
  if (inputTokens !== (input.tokens_input ?? inputTokens))
    return ['tokens_input', 'is another number than input_tokens']
  if (outputTokens !== (input.tokens_output ?? outputTokens))
    return ['tokens_output', 'is another number than output_tokens']
  if (input.cached_input_tokens + input.cache_write_tokens > inputTokens) {
    return ['input_tokens', 'must include cached_input_tokens and cache_write_tokens']
  }
  return input.reasoning_tokens > outputTokens ? ['output_tokens', 'must include reasoning_tokens'] : undefined
}

function readItem(item: unknown, index: number, nowMs: number): Report | ItemFlaw[] {
  const parsed = ReportedEventInput.safeParse(item)
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => ({ index, param: path.join('.'), message }))
  }
  const { timestamp, ...input } = parsed.data
  const atMs = parseIsoTime(timestamp)?.ms
  if (atMs === undefined) return [{ index, param: 'timestamp', message: 'is no date and time of the calendar' }]
  const inputTokens = countOf(parsed.data, ['input_tokens', 'tokens_input'])
  const outputTokens = countOf(parsed.data, ['output_tokens', 'tokens_output'])
  const report = { ...input, atMs, inputTokens, outputTokens }
  const flaw = flawOf(parsed.data, report, nowMs)
  return flaw ? [{ index, param: flaw[0], message: flaw[1] }] : report
}

// The same call twice in one request is a mistake of whoever made it, and both cannot be told apart later.
function repeated(read: (Report | ItemFlaw[])[]): ItemFlaw[] {
  const seen = new Map<string, number>()
  return read.flatMap((one, index) => {
    if (Array.isArray(one)) return []
    const key = JSON.stringify([one.external_id, one.atMs])
    const before = seen.get(key)
    seen.set(key, before ?? index)
    if (before === undefined) return []
    return [{ index, param: 'external_id', message: `is that of events[${before}], at the same timestamp` }]
  })
}

/** The events that a request reports. Throws `request_invalid`, which names each that is wrong, and all that is wrong with it. */
export async function readReports(request: Request, at: { nowMs: number; maxBytes: number }): Promise<Reports> {
  const spec = { schema: z.unknown(), maxBytes: at.maxBytes, explain: z.prettifyError, isExact: true } as const
  const { items, isBatch } = itemsOf(await readJson(request, spec))
  const read = items.map((item, index) => readItem(item, index, at.nowMs))
  const flaws = [...read.flatMap(one => (Array.isArray(one) ? one : [])), ...repeated(read)]
  if (flaws.length > 0) throw flawedItems('request_invalid', flaws, isBatch)
  return { reports: read.flatMap(one => (Array.isArray(one) ? [] : [one])), isBatch }
}
