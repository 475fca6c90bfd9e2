import type { ChatAsk, OutputShape } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { given } from './given.ts'
import { encodeThinking } from './thinking.ts'

function encodeSampling({ sampling }: ChatAsk): Json {
  const { stop, logitBias, ...numbers } = sampling
  if (Object.keys(logitBias ?? {}).length > 0) throw untranslatable('logit_bias', 'Gemini cannot weigh single tokens')
  return { ...numbers, ...given({ stopSequences: stop }) }
}

// Gemini's schemas have no name beside them; what describes the whole belongs into the schema.
function encodeOutput(output: OutputShape | undefined): Json {
  if (output === undefined) return {}
  if (output.kind === 'text') return { responseMimeType: 'text/plain' }
  if (output.kind === 'json') return { responseMimeType: 'application/json' }
  const schema = { ...given({ description: output.description }), ...output.schema }
  return { responseMimeType: 'application/json', responseJsonSchema: schema }
}

function encodeLogprobs(logprobs: ChatAsk['logprobs']): Json {
  if (logprobs === undefined) return {}
  return { responseLogprobs: true, ...(logprobs.top > 0 && { logprobs: logprobs.top }) }
}

/** `generationConfig`; empty where nothing is asked for. Throws `untranslatable`. */
export function encodeGeneration(ask: ChatAsk): Json {
  return {
    ...encodeSampling(ask),
    ...given({ maxOutputTokens: ask.maxOutputTokens, thinkingConfig: encodeThinking(ask) }),
    ...(ask.choices !== 1 && { candidateCount: ask.choices }),
    ...encodeOutput(ask.output),
    ...encodeLogprobs(ask.logprobs),
  }
}
