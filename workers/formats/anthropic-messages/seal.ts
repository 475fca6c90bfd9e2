import { parseLossless } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import { base64ToText, textToBase64 } from './base64-text.ts'
import { given } from './given.ts'

// What this wire has no field for travels inside text that its clients must return as they got it: a call's id and a
// thought's signature. Only characters that Anthropic takes in an id, since a later request may go there as bytes.
const SEAL = 'weir_'
const TOOL_ID = /^[a-zA-Z0-9_-]+$/

function seal(members: Record<string, string | undefined>): string {
  const base64 = textToBase64(JSON.stringify(members))
  return SEAL + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function unseal(text: string): Record<string, unknown> {
  if (!text.startsWith(SEAL)) return {}
  const json = base64ToText(text.slice(SEAL.length).replaceAll('-', '+').replaceAll('_', '/'))
  try {
    return asRecord(parseLossless(json ?? ''))
  } catch {
    return {}
  }
}

const textOrNothing = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** A call's name on this wire: its id where that will do, else one that has the id, and the vendor's mark, inside. */
export function sealCallId(call: { id: string; signature?: string }): string {
  const isPlain = call.signature === undefined && TOOL_ID.test(call.id) && !call.id.startsWith(SEAL)
  return isPlain ? call.id : seal({ id: call.id, signature: call.signature })
}

/** What `sealCallId` was given; any other id is as it is. */
export function openCallId(text: string): { id: string; signature?: string } {
  const { id, signature } = unseal(text)
  return typeof id === 'string' ? given({ id, signature: textOrNothing(signature) }) : { id: text }
}

/** A thought's signature on this wire, which has no place for its id. */
export function sealThought(thought: { signature?: string; id?: string }): string {
  const { signature = '', id } = thought
  return id === undefined && !signature.startsWith(SEAL) ? signature : seal({ id, signature: thought.signature })
}

/** What `sealThought` was given; an empty signature is none. */
export function openThought(text: string): { signature?: string; id?: string } {
  const inside = unseal(text)
  const opened = given({ signature: textOrNothing(inside.signature), id: textOrNothing(inside.id) })
  if (Object.keys(opened).length > 0) return opened
  return text === '' ? {} : { signature: text }
}
