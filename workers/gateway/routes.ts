import type { z } from 'zod'
import { SpeechRequest } from '../contracts/audio-request.ts'
import { BatchRequest } from '../contracts/batch-request.ts'
import { ChatRequest } from '../contracts/chat-request.ts'
import { EmbeddingsRequest } from '../contracts/embeddings-request.ts'
import { ImageRequest } from '../contracts/image-request.ts'
import { ModerationRequest } from '../contracts/moderation-request.ts'
import { RerankRequest } from '../contracts/rerank-request.ts'
import type { DocumentedRoute } from '../contracts/route-facts.ts'
import { ChatToolCall } from '../contracts/tool-call.ts'

const tag = 'Data plane'
const access = 'virtual_key'
const answer = "The provider's answer on the wire of the request: one object, a file, or a stream of events."

function wire(path: string, operationId: string, summary: string): DocumentedRoute {
  return { method: 'POST', path, operationId, summary, tag, access, responses: { 200: answer } }
}

type Kept = Pick<DocumentedRoute, 'method' | 'path' | 'operationId' | 'summary'> & { body?: z.ZodType }

function kept(route: Kept, words = "The provider's answer, under ids of Weir's own."): DocumentedRoute {
  return { ...route, tag, access, responses: { 200: words } }
}

const REFUSED = { 501: "Always: many keys share a provider's account, whose list does not say what is whose." }

const WIRE_ROUTES: readonly DocumentedRoute[] = [
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
  { ...wire('/v1/embeddings', 'createEmbeddings', 'Embeddings of texts'), body: EmbeddingsRequest },
  { ...wire('/v1/images/generations', 'createImages', 'Images of a prompt'), body: ImageRequest },
  wire('/v1/images/edits', 'editImages', 'Images made of others, which are sent in a form'),
  wire('/v1/images/variations', 'varyImage', 'Variations of an image, which is sent in a form'),
  { ...wire('/v1/audio/speech', 'createSpeech', 'A text spoken'), body: SpeechRequest },
  wire('/v1/audio/transcriptions', 'createTranscription', 'A sound, which is sent in a form, written down'),
  wire('/v1/audio/translations', 'createTranslation', 'The same, in English'),
  { ...wire('/v1/moderations', 'createModeration', 'What a text or an image may break'), body: ModerationRequest },
  { ...wire('/v1/rerank', 'rerank', 'Documents in the order in which they answer a query'), body: RerankRequest },
  { ...wire('/v2/rerank', 'rerankAtCohere', "The same, where Cohere's clients ask"), body: RerankRequest },
]

const MODEL_ROUTES: readonly DocumentedRoute[] = [
  kept(
    { method: 'GET', path: '/v1/models', operationId: 'listModels', summary: 'The models that the key may use' },
    'A list in the shape that the client knows.',
  ),
  kept(
    { method: 'GET', path: '/v1/models/:id', operationId: 'getModel', summary: 'One of them' },
    'A model in the shape that the client knows.',
  ),
  kept(
    {
      ...{ method: 'GET', path: '/v1beta/models', operationId: 'listGeminiModels' },
      summary: "The models that the key may use, as Gemini's clients know them",
    },
    'A list of models.',
  ),
  kept(
    { method: 'GET', path: '/v1beta/models/:call', operationId: 'getGeminiModel', summary: 'One of them' },
    'A model.',
  ),
]

const FILE_ROUTES: readonly DocumentedRoute[] = [
  kept({ method: 'POST', path: '/v1/files', operationId: 'uploadFile', summary: 'Keep a file at a provider' }),
  {
    ...{ method: 'GET', path: '/v1/files', operationId: 'listFiles', summary: 'Refused', tag, access },
    responses: REFUSED,
  },
  kept({ method: 'GET', path: '/v1/files/:id', operationId: 'getFile', summary: 'What is known of a file' }),
  kept({ method: 'DELETE', path: '/v1/files/:id', operationId: 'deleteFile', summary: 'Delete a file' }),
  kept({ method: 'GET', path: '/v1/files/:id/content', operationId: 'getFileContent', summary: 'What is in a file' }),
]

const BATCH_ROUTES: readonly DocumentedRoute[] = [
  kept({
    ...{ method: 'POST', path: '/v1/batches', operationId: 'createBatch', body: BatchRequest },
    summary: 'Have the requests of a file answered within a day',
  }),
  {
    ...{ method: 'GET', path: '/v1/batches', operationId: 'listBatches', summary: 'Refused', tag, access },
    responses: REFUSED,
  },
  kept({ method: 'GET', path: '/v1/batches/:id', operationId: 'getBatch', summary: 'How a batch does' }),
  kept({ method: 'POST', path: '/v1/batches/:id/cancel', operationId: 'cancelBatch', summary: 'End a batch early' }),
]

const TOOL_ROUTES: readonly DocumentedRoute[] = [
  kept(
    {
      ...{ method: 'POST', path: '/v1/mcp/tool/execute', operationId: 'executeMcpTool', body: ChatToolCall },
      summary: 'Call a tool of an MCP server that the key may use',
    },
    "What the tool answered, as a message of a conversation. With `?format=responses` an item of a response's input.",
  ),
]

/** The addresses of the data plane, for the OpenAPI document. `workers/app.ts` serves them; a test holds the two together. */
export const GATEWAY_ROUTES: readonly DocumentedRoute[] = [
  ...WIRE_ROUTES,
  ...MODEL_ROUTES,
  ...FILE_ROUTES,
  ...BATCH_ROUTES,
  ...TOOL_ROUTES,
]
