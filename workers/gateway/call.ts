import type { KeyRef } from '../core/key/key-text.ts'
import type { Standing } from '../core/quota/admit.ts'
import type { AttemptRef, Meter } from '../core/quota/meter-protocol.ts'
import type { KeyHandling, Reliability } from '../core/snapshot.ts'
import type { EventDraft } from '../core/usage.ts'
import type { Ask } from './ask.ts'
import type { Adjustment } from './on-exceed.ts'
import type { Ruled } from './routing/apply-rules.ts'
import type { Route } from './routing/route-to.ts'
import type { HoldSize } from './size-hold.ts'
import type { Translation } from './translate.ts'

/**
 * One request as it came in. `id` is Weir's own (UUIDv7); `requestId` is the caller's, or the same. `continent`: the code of
 * the one it came from (`cf.continent`), where it is known.
 */
export type Call = { id: string; requestId: string; startMs: number; request: Request; continent?: string | undefined }

/** A request that was admitted: its hold is durable, and it may be sent. */
export type AdmittedCall = {
  call: Call
  attempt: AttemptRef
  ask: Ask
  route: Route
  /** Where it may go if that fails, best first. */
  rest: Route[]
  reliability: Reliability
  /** What its key's rules have made of it; absent where there are none. */
  ruled: Ruled | undefined
  /** Where the provider speaks another format than the caller. */
  translation: Translation | undefined
  handling: KeyHandling
  hold: HoldSize
  /** How it was changed to fit its limits. */
  adjustment: Adjustment
  meter: Meter
  key: KeyRef
  scopes: string[]
  draft: EventDraft
  /** How the key's limits stood right after the hold. */
  standings: Standing[]
}

/** The code of the continent that a request came from, where the platform tells it. */
export function continentOf({ cf }: Request): string | undefined {
  const { continent } = (cf ?? {}) as { continent?: string }
  return continent
}
