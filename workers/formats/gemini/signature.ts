import { asRecord } from '../as-record.ts'
import { type Given, given } from './given.ts'

/** What lets a vendor know its thoughts again. */
export type Seal = Given<{ signature: string | undefined; redacted: string | undefined; id: string | undefined }>

const MARK = 'weir:'
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** What Gemini says to send with calls that another vendor's model made, and which it could not know again otherwise. */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

/** Standard base64. Google's SDK for Python writes bytes in the URL-safe alphabet, which other vendors refuse. */
export function standardBase64(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function unmark(text: string): Seal | undefined {
  if (!text.startsWith(MARK)) return undefined
  const { signature, redacted, id } = asRecord(JSON.parse(text.slice(MARK.length)))
  return given({ signature: textOf(signature), redacted: textOf(redacted), id: textOf(id) })
}

/** A seal as a `thoughtSignature` for a client, which may write it in another base64 alphabet; nothing for an empty one. */
export function wrapSeal(seal: Seal): { thoughtSignature?: string } {
  if (Object.keys(seal).length === 0) return {}
  const ascii = JSON.stringify(seal).replace(
    /[^ -~]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return { thoughtSignature: btoa(MARK + ascii) }
}

/** The seal in a `thoughtSignature`: what `wrapSeal` put there, or Gemini's own signature. */
export function unwrapSeal(thoughtSignature: string | undefined): Seal {
  if (!thoughtSignature || thoughtSignature === NO_SIGNATURE) return {}
  try {
    return unmark(atob(standardBase64(thoughtSignature))) ?? { signature: thoughtSignature }
  } catch {
    return { signature: thoughtSignature }
  }
}

/** A signature as Gemini takes it back. What is no base64 was never Gemini's, and would make it refuse the request. */
export function ownSignature(signature: string | undefined): { thoughtSignature?: string } {
  return signature !== undefined && BASE64.test(signature) ? { thoughtSignature: signature } : {}
}
