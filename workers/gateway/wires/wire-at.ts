import { anthropicMessagesWire } from './anthropic-messages.ts'
import { geminiWire } from './gemini.ts'
import { openaiChatWire } from './openai-chat.ts'
import { openaiCompletionsWire } from './openai-completions.ts'
import { openaiEmbeddingsWire } from './openai-embeddings.ts'
import { openaiImageEditsWire, openaiImagesWire, openaiImageVariationsWire } from './openai-images.ts'
import { openaiModerationsWire } from './openai-moderations.ts'
import { openaiResponsesWire } from './openai-responses.ts'
import { openaiSpeechWire } from './openai-speech.ts'
import { openaiTranscriptionsWire, openaiTranslationsWire } from './openai-transcripts.ts'
import { rerankWire } from './rerank.ts'
import type { PathParts, Wire } from './wire.ts'

/** A wire and what the address says of the request. */
export type WireAt = { wire: Wire; pathname: string; path: PathParts }

const WIRES: Record<string, Wire> = {
  '/v1/chat/completions': openaiChatWire,
  '/v1/completions': openaiCompletionsWire,
  '/v1/responses': openaiResponsesWire,
  '/v1/messages': anthropicMessagesWire,
  '/v1/embeddings': openaiEmbeddingsWire,
  '/v1/images/generations': openaiImagesWire,
  '/v1/images/edits': openaiImageEditsWire,
  '/v1/images/variations': openaiImageVariationsWire,
  '/v1/audio/speech': openaiSpeechWire,
  '/v1/audio/transcriptions': openaiTranscriptionsWire,
  '/v1/audio/translations': openaiTranslationsWire,
  '/v1/moderations': openaiModerationsWire,
  '/v1/rerank': rerankWire,
  // Cohere's own clients ask there.
  '/v2/rerank': rerankWire,
}

/** Gemini has the model in its path, with the provider's name before it where there is one. */
const GEMINI = /^\/v1beta\/models\/(.+):(generateContent|streamGenerateContent)$/

/** The paths at which wires are spoken, as the router matches them. */
export const WIRE_PATHS = [...Object.keys(WIRES), '/v1beta/models/:call{.+}']

// A request's address is written as `URL` writes it, so that its path need not be read by one.
function knownAt(url: string): WireAt | undefined {
  const from = url.indexOf('/', url.indexOf('://') + 3)
  const query = url.indexOf('?', from)
  const pathname = url.slice(from, query === -1 ? undefined : query)
  const wire = WIRES[pathname]
  return wire && { wire, pathname, path: {} }
}

/** The wire that is spoken at an address, or `undefined`. */
export function wireAt(url: string): WireAt | undefined {
  const known = knownAt(url)
  if (known) return known
  const { pathname, searchParams } = new URL(url)
  const [, model, method] = GEMINI.exec(pathname) ?? []
  if (!model) return undefined
  const alt = searchParams.get('alt') ?? undefined
  return {
    wire: geminiWire,
    pathname,
    path: { model: decodeURIComponent(model), isStream: method !== 'generateContent', alt },
  }
}
