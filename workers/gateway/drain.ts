/** The most bytes that are read of a request that was refused without them. */
const MAX_DRAINED_BYTES = 1_048_576

/**
 * Reads what a client is still sending with a request that was refused already, to a bound: a connection that is closed under
 * a client that writes shows it a broken pipe instead of the refusal.
 */
export async function drain({ body, bodyUsed }: Request): Promise<void> {
  if (!body || bodyUsed || body.locked) return
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_DRAINED_BYTES) break
  }
}
