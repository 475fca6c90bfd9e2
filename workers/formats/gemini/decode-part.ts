import type { Part } from '../chat.ts'
import { untranslatable } from '../untranslatable.ts'
import type { CallIds } from './call-ids.ts'
import { decodeMedia } from './decode-media.ts'
import { decodeToolResult } from './decode-tool-result.ts'
import type { Fields } from './fields.ts'
import { given } from './given.ts'
import { invalid } from './invalid.ts'
import { unwrapSeal } from './signature.ts'
import { textParts } from './text-part.ts'

/** `partMetadata` is the caller's own, and no model sees it. */
const KNOWN = ['thought', 'thoughtSignature', 'partMetadata']
const KINDS = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse']

function decodeCall(call: Fields, context: { part: Fields; ids: CallIds }): Part {
  call.refuseOthers(['id', 'name', 'args'])
  const name = call.need('name')
  const { signature } = unwrapSeal(context.part.text('thoughtSignature'))
  const id = context.ids.open(name, call.text('id'))
  return { kind: 'tool_call', id, name, arguments: JSON.stringify(call.record('args')), ...given({ signature }) }
}

function decodeText(part: Fields): Part[] {
  const thoughtSignature = part.text('thoughtSignature')
  return textParts({ text: part.text('text') ?? '', isThought: part.flag('thought') ?? false, thoughtSignature })
}

// What signs a picture is kept as what signs a text is.
function decodeOther(part: Fields, ids: CallIds): Part[] {
  const [call, response] = [part.child('functionCall'), part.child('functionResponse')]
  if (call) return [decodeCall(call, { part, ids })]
  if (response) return [decodeToolResult(response, ids)]
  return [...decodeMedia(part), ...decodeText(part)]
}

/** One part of a request. Throws `request_invalid`, and `untranslatable` for what no other wire has (code execution). */
export function decodePart(part: Fields, ids: CallIds): Part[] {
  part.refuseOthers([...KNOWN, ...KINDS])
  const kinds = KINDS.filter(kind => part.has(kind))
  if (kinds.length > 1) throw invalid(part.at, `must be one of ${kinds.join(', ')}`)
  if (kinds[0] === 'text' || (part.has('thoughtSignature') && kinds.length === 0)) return decodeText(part)
  if (kinds.length === 0) throw invalid(part.at, 'must have a text, a file, a function call or its response')
  if (part.flag('thought')) throw untranslatable(part.path('thought'), 'other wires have thoughts as text only')
  return decodeOther(part, ids)
}
