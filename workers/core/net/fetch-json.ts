import { addressFlaw } from './public-address.ts'

/** Ample for a set of fifty keys. */
const MAX_BYTES = 65_536
const TIMEOUT_MS = 5_000

type Fetch = typeof globalThis.fetch

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let text = ''
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/**
 * The JSON at an address that a tenant named. It must be as `addressFlaw` wants it, and answer itself: a redirect would lead to
 * an address that nobody looked at.
 */
export function jsonFetcher(fetch: Fetch, { allowPrivate }: { allowPrivate: boolean }) {
  return async (address: string): Promise<unknown> => {
    const flaw = addressFlaw(address, { allowPrivate })
    if (flaw) throw new Error(`the address may not be called: ${flaw}`)
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(address, { redirect: 'manual', signal, headers: { accept: 'application/json' } })
    if (response.status !== 200 || !response.body) throw new Error(`the address answered ${response.status}`)
    return JSON.parse(await readText(response.body))
  }
}
