import { ChatRequest } from '../contracts/chat-request.ts'
import type { DocumentedRoute } from '../contracts/route-facts.ts'

const tag = 'Data plane'
const access = 'virtual_key'
const answer = { 200: "The provider's answer on the wire of the request: one object, or a stream of events." }

function wire(path: string, operationId: string, summary: string): DocumentedRoute {
  return { method: 'POST', path, operationId, summary, tag, access, responses: answer }
}

/** The addresses of the data plane, for the OpenAPI document. `workers/app.ts` serves them; a test holds the two together. */
export const GATEWAY_ROUTES: readonly DocumentedRoute[] = [
  { ...wire('/v1/chat/completions', 'createChatCompletion', "A chat completion on OpenAI's wire"), body: ChatRequest },
  wire('/v1/completions', 'createCompletion', "A text completion on OpenAI's wire"),
  wire('/v1/responses', 'createResponse', "A response on OpenAI's wire"),
  wire('/v1/messages', 'createMessage', "A message on Anthropic's wire"),
  wire('/v1/messages/count_tokens', 'countTokens', 'Count the tokens of a message without sending it'),
  wire(
    '/v1beta/models/:call',
    'generateContent',
    "MODEL:generateContent or MODEL:streamGenerateContent, on Gemini's wire",
  ),
  {
    ...{ method: 'GET', path: '/v1/models', operationId: 'listModels', tag, access },
    summary: 'The models that the key may use',
    responses: { 200: 'A list in the shape that the client knows.' },
  },
  {
    ...{ method: 'GET', path: '/v1/models/:id', operationId: 'getModel', tag, access },
    summary: 'One of them',
    responses: { 200: 'A model in the shape that the client knows.' },
  },
  {
    ...{ method: 'GET', path: '/v1beta/models', operationId: 'listGeminiModels', tag, access },
    summary: "The models that the key may use, as Gemini's clients know them",
    responses: { 200: 'A list of models.' },
  },
]
