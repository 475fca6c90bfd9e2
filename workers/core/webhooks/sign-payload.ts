import { createHmac } from 'node:crypto'

/** A payload as it is sent at this instant, and the secrets that its receiver may know: that of today first. */
export type Signing = { payload: string; atMs: number; secrets: readonly string[] }

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

/** `t=<unix seconds>,v1=<hex>`: an HMAC-SHA256 of `t.payload` for each secret. What is signed says when, so it cannot be sent again later. */
export function timedSignature({ payload, atMs, secrets }: Signing): string {
  const t = Math.floor(atMs / 1000)
  return [`t=${t}`, ...secrets.map(secret => `v1=${hmac(secret, `${t}.${payload}`)}`)].join(',')
}

/** The headers by which a receiver knows that a payload is ours: TensorCost's form under two names, and LLMGovernor's of the payload alone. */
export function signatureHeaders(signing: Signing): Record<string, string> {
  const timed = timedSignature(signing)
  const [secret = ''] = signing.secrets
  return {
    'x-weir-signature': timed,
    'x-tensorcost-signature': timed,
    'x-weir-signature-256': `sha256=${hmac(secret, signing.payload)}`,
  }
}
