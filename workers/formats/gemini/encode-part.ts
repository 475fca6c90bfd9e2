import { GatewayError } from '../../errors/gateway-error.ts'
import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { argsOf, functionCall } from './call-part.ts'
import { mediaJson } from './media.ts'
import { ownSignature } from './signature.ts'
import { writeResponse } from './tool-response.ts'

/** Where a part is in the request, and the names of the calls so far by their ids. */
export type Place = { at: string; names: Map<string, string> }

type CallPart = Extract<Part, { kind: 'tool_call' }>
type ResultPart = Extract<Part, { kind: 'tool_result' }>
type ReasoningPart = Extract<Part, { kind: 'reasoning' }>

function encodeCall(call: CallPart, { at, names }: Place): Json {
  const args = argsOf(call.arguments)
  if (!args) throw untranslatable(at, 'Gemini takes the arguments of a call as a JSON object')
  names.set(call.id, call.name)
  return { functionCall: functionCall(call, args), ...ownSignature(call.signature) }
}

function nameOf(result: ResultPart, { at, names }: Place): string {
  const name = names.get(result.callId) ?? result.name
  if (name !== undefined) return name
  throw new GatewayError('request_invalid', `${at}: no tool call before it has the id ${result.callId}.`, { param: at })
}

function mediaOf(part: Part, at: string): Json[] {
  if (part.kind === 'text' || part.kind === 'refusal') return []
  if (part.kind === 'image' || part.kind === 'audio' || part.kind === 'file') return [mediaJson(part, at)]
  throw untranslatable(at, `Gemini takes no ${part.kind} in the result of a tool`)
}

function encodeResult(result: ResultPart, place: Place): Json {
  const texts = result.content.flatMap(part => (part.kind === 'text' || part.kind === 'refusal' ? [part.text] : []))
  const parts = result.content.flatMap(part => mediaOf(part, place.at))
  const response = writeResponse({ text: texts.join('\n'), isError: result.isError ?? false })
  const head = { ...(result.callId !== '' && { id: result.callId }), name: nameOf(result, place), response }
  return { functionResponse: parts.length > 0 ? { ...head, parts } : head }
}

// A thought that its vendor hid says nothing to another. One without words signs what was before it.
function encodeReasoning({ text, signature }: ReasoningPart): Json[] {
  const sealed = ownSignature(signature)
  if (text !== '') return [{ text, thought: true, ...sealed }]
  return Object.keys(sealed).length > 0 ? [{ text, ...sealed }] : []
}

/** A part of a request as Gemini takes it; none where it would say nothing. Throws `untranslatable`. */
export function encodePart(part: Part, place: Place): Json[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'tool_call':
      return [encodeCall(part, place)]
    case 'tool_result':
      return [encodeResult(part, place)]
    case 'reasoning':
      return encodeReasoning(part)
    default:
      return [mediaJson(part, place.at)]
  }
}
