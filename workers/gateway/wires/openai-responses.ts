import { ResponsesRequest } from '../../contracts/responses-request.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refuseUnbounded, refuseUnpriced } from './refuse-unpriced.ts'
import type { BoundedTool, ToolBounds } from './tool-bounds.ts'
import type { Incoming, Wire } from './wire.ts'

/**
 * Billed by what nothing tells: a machine's time, a picture, or a search at a price that depends on the model. Source: OpenAI
 * pricing, built-in tools.
 */
const UNPRICED_TOOL = /^(web_search_preview|code_interpreter|image_generation|shell)/
/** Run by OpenAI or a server it asks: a search is billed, and what any of them finds is read as input. Source: as above. */
const FINDING_TOOL = /^(web_search|file_search|mcp)/
/** What a request may refer to instead of saying it: nobody can tell its length from the body. */
const REFERENCES = ['previous_response_id', 'conversation', 'prompt']
const MEDIA = /"type":"(input_image|input_file|input_audio|item_reference)"/

function hasMedia(raw: Record<string, unknown>): boolean {
  return REFERENCES.some(name => raw[name] != null) || MEDIA.test(JSON.stringify(raw.input ?? ''))
}

function unitOf(type: string): BoundedTool['unit'] {
  if (type.startsWith('web_search')) return 'web_searches'
  return type.startsWith('file_search') ? 'file_searches' : undefined
}

// One maximum is for all of them together, so that each kind may reach it.
function boundsOf({ tools, max_tool_calls: uses }: ResponsesRequest): ToolBounds {
  const found = [...new Set(tools?.map(tool => tool.type).filter(type => FINDING_TOOL.test(type)))]
  const [first] = found
  if (first === undefined) return {}
  if (uses == null) return refuseUnbounded(first, 'max_tool_calls')
  const units = found.flatMap(type => unitOf(type) ?? []).map(unit => [unit, uses])
  return { units: Object.fromEntries(units), rounds: uses }
}

function read({ raw, bytes }: Incoming): Ask {
  const request = readFields(ResponsesRequest, raw)
  const billed = request.tools?.find(tool => UNPRICED_TOOL.test(tool.type))
  if (billed) refuseUnpriced('tools', `"${billed.type}" is billed by use, and has no price here yet. Remove it.`)
  if (request.background) refuseUnpriced('background', 'answers are billed after they were asked for. Leave it out.')
  return {
    format: 'openai-responses',
    raw,
    bytes,
    model: request.model,
    isStream: request.stream === true,
    choices: 1,
    outputCap: request.max_output_tokens ?? undefined,
    beyondCap: 0,
    hasMedia: hasMedia(raw),
    forwards: [],
    mayWrite1h: false,
    serviceTier: request.service_tier ?? undefined,
    ...boundsOf(request),
    keepsUsage: true,
  }
}

/** OpenAI's responses. Source: OpenAI API reference, Responses. */
export const openaiResponsesWire: Wire = {
  format: 'openai-responses',
  read,
  renderError: renderOpenAI,
  endsWhole: tail => /"type": ?"response\.(completed|incomplete)"/.test(tail),
}
