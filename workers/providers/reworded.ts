import { asRecord } from '../formats/as-record.ts'
import type { Codec, Json } from '../formats/codec.ts'
import { openaiChatCodec } from '../formats/openai-chat/openai-chat-codec.ts'

function parsed(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    return {}
  }
}

function rewordedFailure(status: number, body: Json, codec: Codec): Json {
  const unknown = { status, code: 'provider_error', message: 'The provider answered with an error.' }
  return openaiChatCodec.encodeError(codec.decodeError(status, body) ?? unknown)
}

/** A whole answer of a vendor's in OpenAI's shape: a success as `say` has it, a failure as the vendor's codec reads it. */
export async function reworded(answer: Response, codec: Codec, say: (body: Json) => Json): Promise<Response> {
  const body = parsed(await answer.text())
  const headers = new Headers(answer.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  const said = answer.ok ? say(body) : rewordedFailure(answer.status, body, codec)
  return new Response(JSON.stringify(said), { status: answer.status, headers })
}
