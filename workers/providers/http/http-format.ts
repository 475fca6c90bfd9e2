import type { FormatName } from '../../formats/format-name.ts'
import { anthropicDialect } from '../anthropic/anthropic-dialect.ts'
import { bedrockDialect } from '../bedrock/bedrock-dialect.ts'
import { cohereDialect } from '../cohere/cohere-dialect.ts'
import { geminiDialect } from '../gemini/gemini-dialect.ts'
import { openaiCompletionsDialect } from '../openai/openai-completions-dialect.ts'
import { openaiDialect } from '../openai/openai-dialect.ts'
import { OPENAI_MEDIA } from '../openai-media/media-formats.ts'
import { responsesDialect } from '../openai-responses/responses-dialect.ts'
import type { Dialect, ProviderRequest } from '../port.ts'
import type { Vendor } from '../vendors.ts'

/** One format over HTTP: how a vendor is asked in it. The path comes behind the vendor's base address. */
export type HttpFormat = {
  dialect(vendor: Vendor): Dialect
  path(request: ProviderRequest): string
  /** Where tokens are counted, on the wire that has it. */
  countPath?: string
  /** What a stream comes as: `text/event-stream` unless said. */
  streamType?: string
  /** The headers that carry the vendor's secret. */
  proof(secret: string): Record<string, string>
  /** What else the format wants in its headers; `asked` are the caller's that go on. */
  headers?(asked: Record<string, string>): Record<string, string>
  /** Whether it is of things that are kept, each at an address of its own. */
  isManaged?: boolean
  /** What is accepted of an answer that is no stream; JSON unless said. */
  accept?: string
  /** The answer in the format's words, of a vendor that has words of its own. */
  reword?(answer: Response, request: ProviderRequest): Promise<Response>
}

/** The version of Anthropic's wire that is spoken where the caller names none. */
const ANTHROPIC_VERSION = '2023-06-01'

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

function geminiPath({ model, isStream }: ProviderRequest): string {
  const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return `/v1beta/models/${encodeURIComponent(model)}:${method}`
}

// One segment, also where the model is an ARN, which has slashes. Its signature is made of the path as it is sent.
function conversePath({ model, isStream }: ProviderRequest): string {
  return `/model/${encodeURIComponent(model)}/${isStream ? 'converse-stream' : 'converse'}`
}

/** The formats that vendors are asked in over HTTP. */
export const HTTP_FORMATS: Partial<Record<FormatName, HttpFormat>> = {
  'openai-chat': { dialect: openaiDialect, path: () => '/chat/completions', proof: bearer },
  'openai-completions': { dialect: openaiCompletionsDialect, path: () => '/completions', proof: bearer },
  'openai-responses': { dialect: responsesDialect, path: () => '/responses', proof: bearer },
  'anthropic-messages': {
    dialect: anthropicDialect,
    path: () => '/v1/messages',
    countPath: '/v1/messages/count_tokens',
    proof: secret => ({ 'x-api-key': secret }),
    headers: asked => ({ 'anthropic-version': asked['anthropic-version'] ?? ANTHROPIC_VERSION }),
  },
  ...OPENAI_MEDIA,
  gemini: { dialect: geminiDialect, path: geminiPath, proof: secret => ({ 'x-goog-api-key': secret }) },
  'bedrock-converse': {
    dialect: bedrockDialect,
    path: conversePath,
    proof: bearer,
    streamType: 'application/vnd.amazon.eventstream',
  },
  'cohere-chat': { dialect: cohereDialect, path: () => '/v2/chat', proof: bearer },
}
