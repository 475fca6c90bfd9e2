import { GenerateRequest } from '../../contracts/generate-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { renderGemini } from '../../errors/render-gemini.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refuseUnpriced } from './refuse-unpriced.ts'
import type { Incoming, Wire } from './wire.ts'

/** Tools that Google runs itself and bills by use, beside the tokens. Source: Gemini API pricing, grounding. */
const BILLED_TOOLS = ['googleSearch', 'google_search', 'googleSearchRetrieval', 'googleMaps', 'enterpriseWebSearch']
const MEDIA = ['inlineData', 'inline_data', 'fileData', 'file_data']

function hasMedia({ contents, systemInstruction, cachedContent }: GenerateRequest): boolean {
  const parts = [...contents, ...(systemInstruction ? [systemInstruction] : [])].flatMap(({ parts }) => parts ?? [])
  // What was cached before is not in the body, so that nobody can say how long it is.
  return cachedContent != null || parts.some(part => MEDIA.some(name => part[name] !== undefined))
}

function read({ raw, bytes, path }: Incoming): Ask {
  const request = readFields(GenerateRequest, raw)
  const billed = BILLED_TOOLS.find(name => request.tools?.some(tool => tool[name] !== undefined))
  if (billed) refuseUnpriced('tools', `"${billed}" is billed by use, and has no price here yet. Remove it.`)
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
