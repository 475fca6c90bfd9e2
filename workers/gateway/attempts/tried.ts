import type { Failure } from './failure.ts'

/**
 * What came of one attempt, up to where it can be given to the client. One of `give` and `drop` is always called: they settle
 * it, or have it settled.
 */
export type Tried = {
  /** Why it is no answer; `undefined` of one that is. */
  failure: Failure | undefined
  /** The answer, or the failure in the provider's own words. Throws what has none. */
  give(): Response
  /** Lets it go, since another attempt takes its place; done when it is settled. */
  drop(): Promise<void>
}
