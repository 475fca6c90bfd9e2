import { BatchLine } from '../../contracts/batch-request.ts'
import type { Need, TokenBound } from '../../core/quota/limit.ts'
import { DEFAULT_HANDLING, type KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Provider } from '../../providers/port.ts'
import type { Ask } from '../ask.ts'
import { fitAsk } from '../fit-ask.ts'
import { checkTools } from '../mcp/check-tools.ts'
import { parseBody, readFields } from '../parse-body.ts'
import { type Route, routeTo } from '../routing/route-to.ts'
import { sizeHold } from '../size-hold.ts'
import { wireAt } from '../wires/wire-at.ts'

/** The tier that batches are served at. */
const BATCH_TIER = 'batch'
/** The most requests of one batch. Source: OpenAI batch guide, rate limits. */
const MAX_LINES = 50_000

/** What a batch can cost at most, and what it asks: one model, on one wire. */
export type BatchSize = { need: Need; bound: TokenBound; ask: Ask; route: Route }

/** By what a batch is sized. */
export type BatchRule = { endpoint: string; provider: Provider; snapshot: KeySnapshot; nowMs: number }

function invalid(index: number, why: string): GatewayError {
  return new GatewayError('request_invalid', `Line ${index + 1} of the input file: ${why}`, { param: 'input_file_id' })
}

function readLine(text: string, index: number, { endpoint, snapshot }: BatchRule): Ask {
  const at = wireAt(`https://weir${endpoint}`)
  if (!at) throw invalid(index, `there is no ${endpoint}.`)
  try {
    const { url, body } = readFields(BatchLine, parseBody(text))
    if (url !== endpoint) throw invalid(index, `its url is not ${endpoint}.`)
    const ask = at.wire.read({ raw: body, bytes: new TextEncoder().encode(text).length, path: {} })
    checkTools(snapshot, ask, new Headers())
    return ask
  } catch (thrown) {
    throw thrown instanceof GatewayError
      ? new GatewayError(thrown.code, invalid(index, thrown.detail).detail, thrown.extras)
      : thrown
  }
}

// The file goes to the provider as it is, so that no cap can be put into it.
function assertCapped(ask: Ask, { priced }: Route, index: number): void {
  if (ask.fixed || ask.outputCap !== undefined || priced.maxOutputTokens !== undefined) return
  throw invalid(index, 'its output has no known end; set max_tokens.')
}

type Sum = { nanoUsd: number; bound: TokenBound }

function add(sum: Sum, ask: Ask, route: Route): Sum {
  const { need, bound } = sizeHold(ask, route, { handling: DEFAULT_HANDLING })
  const inputTokens = sum.bound.inputTokens + bound.inputTokens
  const outputTokens = sum.bound.outputTokens + bound.outputTokens
  return { nanoUsd: sum.nanoUsd + need.nano_usd, bound: { inputTokens, outputTokens } }
}

/**
 * What all requests of a batch can cost together at most, each at the batch price. Throws for a line that is no request, that
 * names another model than the first, that the key may not use, or that has no price as a batch.
 */
export function sizeBatch(content: string, rule: BatchRule): BatchSize {
  const lines = content.split('\n').filter(line => line.trim() !== '')
  if (lines.length === 0 || lines.length > MAX_LINES) throw invalid(0, `there must be 1 to ${MAX_LINES} lines.`)
  let sum: Sum = { nanoUsd: 0, bound: { inputTokens: 0, outputTokens: 0 } }
  let first: { ask: Ask; route: Route } | undefined
  for (const [index, line] of lines.entries()) {
    const asked = readLine(line, index, rule)
    if (first && asked.model !== first.ask.model) throw invalid(index, 'its model is not that of the first line.')
    const { snapshot, nowMs, provider } = rule
    const units = asked.fixed?.units ?? asked.units
    const by = { format: asked.format, snapshot, nowMs, random: () => 0, serviceTier: BATCH_TIER, units }
    const { ask, route } = fitAsk(asked, routeTo({ provider, model: asked.model }, by))
    assertCapped(ask, route, index)
    sum = add(sum, ask, route)
    first ??= { ask, route }
  }
  if (!first) throw invalid(0, 'there is none.')
  const tokens = sum.bound.inputTokens + sum.bound.outputTokens
  // It is no request in flight: it may wait for a day.
  return { need: { nano_usd: sum.nanoUsd, tokens, requests: 1, in_flight: 0 }, bound: sum.bound, ...first }
}
