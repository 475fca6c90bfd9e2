/** The most bytes that are read of a request that was refused without them, and for how long, in milliseconds. */
const MAX_DRAINED_BYTES = 1_048_576
const MAX_DRAIN_MS = 500

async function readSome(body: ReadableStream<Uint8Array>): Promise<void> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_DRAINED_BYTES) break
  }
}

/**
 * Reads what a client is still sending with a request that was refused already, to a bound: workerd closes the connection
 * under a client that writes, which shows it a broken pipe instead of the refusal.
 */
export async function drain({ body }: Request): Promise<void> {
  if (!body || body.locked) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>(done => {
    timer = setTimeout(done, MAX_DRAIN_MS)
  })
  await Promise.race([readSome(body).catch(() => undefined), late])
  clearTimeout(timer)
}
