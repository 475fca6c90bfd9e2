/** An answer as it is kept to be replayed: status, headers and bytes, and the fingerprint of the request it answers. */
export type KeptAnswer = { fingerprint: string; status: number; headers: [string, string][]; body: Uint8Array }

/** What of an answer's headers is true of its replay. */
const REPLAYED = ['content-type', 'x-weir-provider', 'x-weir-model']

/** The bytes at the end of a stream that its wire is asked about. */
const TAIL_BYTES = 2048

/**
 * Whether an answer that was read to its end is a success that the same request may be answered with again. A provider that
 * fails in the middle of a stream says so in an event, and may close cleanly: only its wire knows how a whole one ends.
 */
export function isWorthKeeping(answer: KeptAnswer, endsWhole: (tail: string) => boolean): boolean {
  const { status, headers, body } = answer
  if (status < 200 || status > 299) return false
  const isStream = new Headers(headers).get('content-type')?.includes('event-stream') ?? false
  return !isStream || endsWhole(new TextDecoder().decode(body.subarray(-TAIL_BYTES)))
}

/** A kept answer, for a request that costs nothing. */
export function replayOf({ status, headers, body }: KeptAnswer, requestId: string): Response {
  const replayed = new Headers(headers.filter(([name]) => REPLAYED.includes(name)))
  replayed.set('x-request-id', requestId)
  replayed.set('x-weir-replayed', 'true')
  replayed.set('x-weir-cost-usd', '0')
  return new Response(body, { status, headers: replayed })
}
