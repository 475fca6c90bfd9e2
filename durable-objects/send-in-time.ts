/** A send that takes longer has failed: what waits for it, an alarm too, must not wait for ever. Milliseconds. */
const SEND_WITHIN_MS = 10_000

/** Waits for what is sent, and rejects where that takes too long. */
export async function sendInTime(sending: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not sent within ${SEND_WITHIN_MS} ms`)), SEND_WITHIN_MS)
  })
  await Promise.race([sending, late]).finally(() => clearTimeout(timer))
}
