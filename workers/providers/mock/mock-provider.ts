import type { FormatName } from '../../formats/format-name.ts'
import { ownKey } from '../http/http-provider.ts'
import { openaiDialect } from '../openai/openai-dialect.ts'
import { OPENAI_MEDIA } from '../openai-media/media-formats.ts'
import type { Endpoint, Provider, ProviderRequest } from '../port.ts'
import { makeAnswer } from './answer.ts'
import { errorAnswer } from './error-answer.ts'
import { MockChat } from './mock-chat.ts'
import { mockEmbeddings } from './mock-embeddings.ts'
import { mockModel } from './models.ts'
import { streamedAnswer } from './streamed-answer.ts'
import { wholeAnswer } from './whole-answer.ts'

function readChat(body: string): MockChat | undefined {
  try {
    return MockChat.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}

async function answer(request: ProviderRequest, id: string): Promise<Response> {
  request.signal?.throwIfAborted()
  const model = mockModel(request.model)
  if (!model) return errorAnswer(404, `The model '${request.model}' does not exist.`)
  if (model.errorStatus !== undefined) return errorAnswer(model.errorStatus)
  const chat = typeof request.body === 'string' ? readChat(request.body) : undefined
  if (!chat) return errorAnswer(400, 'The mock cannot read this chat.')
  const made = makeAnswer(model, chat, { id, request })
  return chat.stream ? streamedAnswer(made) : wholeAnswer(made)
}

/**
 * A provider inside the Worker, on OpenAI's wire, for trying Weir without a vendor's key and for tests. It answers by
 * what the body says, as a vendor would, and only its ids differ from call to call.
 */
export function mockProvider(): Provider {
  let calls = 0
  const dialect = openaiDialect({ outputCapField: 'max_completion_tokens' })
  const call = (request: ProviderRequest) => {
    calls += 1
    return answer(request, `chatcmpl-mock-${calls}`)
  }
  const embed = async ({ body }: ProviderRequest) => mockEmbeddings(typeof body === 'string' ? body : '')
  return {
    name: 'mock',
    pricebook: 'mock',
    keys: [ownKey({ baseUrl: '', secret: '', settings: {} })],
    endpoints: new Map<FormatName, Endpoint>([
      ['openai-chat', { dialect, call }],
      ['openai-embeddings', { dialect: OPENAI_MEDIA['openai-embeddings'].dialect(), call: embed }],
    ]),
  }
}
