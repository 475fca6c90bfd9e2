import type { ChatAsk, Sampling } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeOutput } from './encode-output.ts'
import { encodeTools } from './encode-tools.ts'
import { given } from './given.ts'
import { encodeAskedTier } from './service-tier.ts'

/** `max_tokens`, which this wire requires, where nobody said any: what every Claude model can answer. Thinking is on top. */
export const DEFAULT_MAX_TOKENS = 4096

/** What an ask says that this wire cannot, by the name that most wires have for it. */
function unsaid({ sampling, choices, logprobs }: ChatAsk): Record<string, unknown> {
  return {
    n: choices > 1,
    logprobs: logprobs !== undefined,
    seed: sampling.seed !== undefined,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    logit_bias: Object.keys(sampling.logitBias ?? {}).length,
  }
}

function encodeSampling({ temperature, topP, topK, stop }: Sampling): Json {
  const stop_sequences = stop && stop.length > 0 ? stop : undefined
  return given({ temperature, top_p: topP, top_k: topK, stop_sequences })
}

/** The request's body. Throws `untranslatable`. */
export function encodeRequest(ask: ChatAsk): Json {
  const param = Object.entries(unsaid(ask)).find(([, value]) => Boolean(value))?.[0]
  if (param !== undefined) throw untranslatable(param, 'this wire has no such thing')
  return {
    model: ask.model,
    max_tokens: ask.maxOutputTokens ?? DEFAULT_MAX_TOKENS + Math.max(0, ask.reasoning?.budgetTokens ?? 0),
    ...encodeMessages(ask.messages),
    ...encodeTools(ask),
    ...encodeOutput(ask),
    ...encodeSampling(ask.sampling),
    ...(ask.serviceTier !== undefined && { service_tier: encodeAskedTier(ask.serviceTier) }),
    ...(ask.user !== undefined && { metadata: { user_id: ask.user } }),
    ...(ask.isStream && { stream: true }),
  }
}
