import { CompletionRequest } from '../../contracts/completion-request.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import type { Incoming, Wire } from './wire.ts'

/** The output cap of a request that sets none. Source: OpenAI API reference, Completions, `max_tokens`. */
const DEFAULT_MAX_TOKENS = 16

// A list of texts or of lists of tokens is so many prompts; a list of tokens is one.
function promptsOf({ prompt }: CompletionRequest): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1
}

function read({ raw, bytes }: Incoming): Ask {
  const request = readFields(CompletionRequest, raw)
  return {
    format: 'openai-completions',
    raw,
    bytes,
    model: request.model,
    isStream: request.stream === true,
    choices: promptsOf(request) * Math.max(request.n ?? 1, request.best_of ?? 1),
    outputCap: request.max_tokens ?? DEFAULT_MAX_TOKENS,
    beyondCap: 0,
    hasMedia: false,
    forwards: [],
    mayWrite1h: false,
    keepsUsage: request.stream_options?.include_usage === true,
  }
}

/** OpenAI's legacy completions. Source: OpenAI API reference, Completions. */
export const openaiCompletionsWire: Wire = {
  format: 'openai-completions',
  read,
  renderError: renderOpenAI,
  endsWhole: tail => /^data: ?\[DONE\]\s*$/m.test(tail),
}
