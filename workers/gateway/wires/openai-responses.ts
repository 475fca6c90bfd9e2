import { ResponsesRequest } from '../../contracts/responses-request.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refusePriority, refuseUnpriced } from './refuse-unpriced.ts'
import type { Incoming, Wire } from './wire.ts'

/** Tools that OpenAI runs itself and bills by use, beside the tokens. Source: OpenAI pricing, built-in tools. */
const BILLED_TOOL = /^(web_search|file_search|code_interpreter|image_generation|shell)/
/** What a request may refer to instead of saying it: nobody can tell its length from the body. */
const REFERENCES = ['previous_response_id', 'conversation', 'prompt']
const MEDIA = /"type":"(input_image|input_file|input_audio|item_reference)"/

function hasMedia(raw: Record<string, unknown>): boolean {
  return REFERENCES.some(name => raw[name] != null) || MEDIA.test(JSON.stringify(raw.input ?? ''))
}

function read({ raw, bytes }: Incoming): Ask {
  const request = readFields(ResponsesRequest, raw)
  const billed = request.tools?.find(tool => BILLED_TOOL.test(tool.type))
  if (billed) refuseUnpriced('tools', `"${billed.type}" is billed by use, and has no price here yet. Remove it.`)
  if (request.background) refuseUnpriced('background', 'answers are billed after they were asked for. Leave it out.')
  refusePriority(raw)
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
