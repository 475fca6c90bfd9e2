import { RerankRequest } from '../../contracts/rerank-request.ts'
import type { Ask, FixedUse } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { fixedAsk } from './fixed-ask.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming } from './wire.ts'

/** A search is a query with so many documents; a longer document is as many as it is cut into. Source: https://cohere.com/pricing */
const DOCUMENTS_PER_SEARCH = 100
/** Tokens of a document in one piece at least: a piece has 500 with the query, which may take half of them. */
const PIECE_TOKENS = 250
/** Where a document is cut off, unless said. Source: https://docs.cohere.com/reference/rerank */
const DOCUMENT_TOKENS = 4096

const utf8 = new TextEncoder()

function bytesOf(text: unknown): number {
  return utf8.encode(typeof text === 'string' ? text : JSON.stringify(text)).length
}

// No tokenizer makes more tokens than a text has bytes.
function searchesOf({ documents, max_tokens_per_doc }: RerankRequest): number {
  const most = max_tokens_per_doc ?? DOCUMENT_TOKENS
  const pieces = documents.map(document => Math.ceil(Math.min(bytesOf(document), most) / PIECE_TOKENS))
  const total = pieces.reduce((sum, count) => sum + Math.max(1, count), 0)
  return Math.ceil(total / DOCUMENTS_PER_SEARCH)
}

// By tokens the query counts once with each document.
function useOf(request: RerankRequest, bytes: number): FixedUse {
  const inputTokens = bytes + request.documents.length * bytesOf(request.query)
  return { inputTokens, outputTokens: () => 0, units: { search_units: searchesOf(request) } }
}

function read(incoming: Incoming): Ask {
  const request = readFields(RerankRequest, incoming.raw)
  return fixedAsk(incoming, { format: 'rerank', model: request.model, fixed: useOf(request, incoming.bytes) })
}

/** Documents, ranked by a query. Source: Cohere API reference, Rerank (v2), which Jina and vLLM follow. */
export const rerankWire = openaiMediaWire('rerank', read)
