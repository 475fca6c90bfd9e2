import { GenerateRequest } from '../../contracts/generate-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { renderGemini } from '../../errors/render-gemini.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refuseUnpriced } from './refuse-unpriced.ts'
import { type BoundedTool, toolBounds } from './tool-bounds.ts'
import type { Incoming, Wire } from './wire.ts'

/** Run by Google at a price that is not known. Source: Gemini API pricing, grounding. */
const UNPRICED_TOOLS = ['googleMaps', 'google_maps', 'enterpriseWebSearch', 'enterprise_web_search']
const SEARCH_TOOLS = ['googleSearch', 'google_search', 'googleSearchRetrieval', 'google_search_retrieval']
/** Run by Google for nothing; what they find or print is read as input. */
const READING_TOOLS = ['urlContext', 'url_context', 'codeExecution', 'code_execution', 'fileSearch', 'file_search']
/** Models that are billed once for a request that was grounded; newer ones for each search, and nothing says how many. */
const BILLED_ONCE = /(^|\/)gemini-[12]\b/
const MEDIA = ['inlineData', 'inline_data', 'fileData', 'file_data']

function hasMedia({ contents, systemInstruction, cachedContent }: GenerateRequest): boolean {
  const parts = [...contents, ...(systemInstruction ? [systemInstruction] : [])].flatMap(({ parts }) => parts ?? [])
  // What was cached before is not in the body, so that nobody can say how long it is.
  return cachedContent != null || parts.some(part => MEDIA.some(name => part[name] !== undefined))
}

function boundedTools({ tools }: GenerateRequest, model: string): BoundedTool[] {
  const first = (names: string[]) => names.find(name => tools?.some(tool => tool[name] !== undefined))
  const billed = first(UNPRICED_TOOLS)
  if (billed) refuseUnpriced('tools', `"${billed}" is billed by use, and has no price here yet. Remove it.`)
  const search = first(SEARCH_TOOLS)
  if (search && !BILLED_ONCE.test(model)) {
    refuseUnpriced('tools', `"${search}" is billed by each search of this model, and nothing says how many. Remove it.`)
  }
  if (search) return [{ uses: 1, unit: 'web_searches' }]
  return first(READING_TOOLS) ? [{ uses: 1 }] : []
}

function read({ raw, bytes, path }: Incoming): Ask {
  const request = readFields(GenerateRequest, raw)
  if (path.isStream && path.alt !== 'sse') {
    throw new GatewayError('request_invalid', 'Streams are sent as server-sent events: add ?alt=sse.', { param: 'alt' })
  }
  return {
    format: 'gemini',
    raw,
    bytes,
    model: path.model ?? '',
    isStream: path.isStream === true,
    choices: request.generationConfig?.candidateCount ?? 1,
    outputCap: request.generationConfig?.maxOutputTokens ?? undefined,
    beyondCap: 0,
    hasMedia: hasMedia(request),
    forwards: [],
    mayWrite1h: false,
    serviceTier: request.serviceTier ?? request.service_tier ?? undefined,
    ...toolBounds(boundedTools(request, path.model ?? '')),
    keepsUsage: true,
  }
}

/** Gemini's generateContent. Source: Gemini API reference, Generating content. */
export const geminiWire: Wire = {
  format: 'gemini',
  read,
  renderError: renderGemini,
  endsWhole: tail => /"finishReason"/.test(tail),
}
