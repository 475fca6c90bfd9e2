import type { Part } from '../chat.ts'
import type { CallIds } from './call-ids.ts'
import { decodeMedia } from './decode-media.ts'
import type { Fields } from './fields.ts'
import { given } from './given.ts'
import { invalid } from './invalid.ts'
import { readResponse } from './tool-response.ts'

function resultMedia(part: Fields): Part[] {
  part.refuseOthers(['inlineData', 'fileData'])
  return decodeMedia(part)
}

function callIdOf(result: Fields, ids: CallIds): { callId: string; name: string } {
  const name = result.need('name')
  const callId = ids.close(name, result.text('id'))
  if (callId === undefined) throw invalid(result.at, 'must answer a function call before it')
  return { callId, name }
}

/** A function's response. Throws `request_invalid` where no call before it waits for one. */
export function decodeToolResult(result: Fields, ids: CallIds): Part {
  result.refuseOthers(['id', 'name', 'response', 'parts'])
  const { text, isError } = readResponse(result.record('response'))
  const content: Part[] = [
    ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
    ...result.children('parts').flatMap(resultMedia),
  ]
  return { kind: 'tool_result', ...callIdOf(result, ids), content, ...given({ isError: isError || undefined }) }
}
