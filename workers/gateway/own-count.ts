import type { BillableUsage } from '../core/pricing/index.ts'
import { costOf, isFree } from '../core/pricing/index.ts'
import { NO_USAGE, type Outcome } from '../core/usage.ts'
import type { AdmittedCall } from './call.ts'

/** Bytes of English text to a token, about (domain guide, section 2); for answers that came without usage. */
const BYTES_PER_TOKEN = 4

/** What was used, and how it is known. */
export type Counted = { outcome: Extract<Outcome, 'ok' | 'estimated'>; usage: BillableUsage }

/** Our own count of an input that the provider did not count. Never nothing. */
export function estimateInput(admitted: AdmittedCall): number {
  return Math.min(admitted.hold.ceiling.inputTokens, Math.max(1, Math.ceil(admitted.ask.bytes / BYTES_PER_TOKEN)))
}

/** Our own count of an output of so many bytes. */
export function estimateOutput({ hold }: AdmittedCall, bytes: number): number {
  return Math.min(hold.ceiling.outputTokens, Math.ceil(bytes / BYTES_PER_TOKEN))
}

/** What a provider told of an answer, unless that is nothing at all of what it is billed by. */
export function believed({ ask, route }: AdmittedCall, told: BillableUsage | undefined): BillableUsage | undefined {
  if (!told || !ask.fixed || isFree(route.prices)) return told
  return costOf(route.prices, told) > 0 ? told : undefined
}

/** What an answer used that does not say so: by our own count, unless the request has said it all. */
export function ownCount(admitted: AdmittedCall, outputTokens: number): Counted {
  const { fixed } = admitted.ask
  if (fixed && (fixed.isExact || isFree(admitted.route.prices))) {
    return { outcome: 'ok', usage: { ...NO_USAGE, units: fixed.units } }
  }
  const usage = { ...NO_USAGE, inputTokens: estimateInput(admitted), outputTokens }
  return { outcome: 'estimated', usage: fixed ? { ...usage, units: fixed.units } : usage }
}
