import type { ChatAsk, OutputShape, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeTools } from './encode-tools.ts'

function refuseUnsaid({ choices, logprobs, sampling, serviceTier }: ChatAsk): void {
  if (choices !== 1) throw untranslatable('n', 'Cohere gives one answer')
  if (logprobs && logprobs.top > 0) throw untranslatable('top_logprobs', 'Cohere tells those of the chosen tokens only')
  if (Object.keys(sampling.logitBias ?? {}).length > 0) throw untranslatable('logit_bias', 'Cohere takes none')
  if (!['auto', 'default', 'standard_only'].includes(serviceTier ?? 'auto')) {
    throw untranslatable('service_tier', 'Cohere has no tiers')
  }
}

function responseFormat(output: OutputShape | undefined): Json | undefined {
  if (output === undefined || output.kind === 'text') return undefined
  return { type: 'json_object', json_schema: output.kind === 'schema' ? output.schema : undefined }
}

function thinking({ effort, budgetTokens }: Reasoning): Json | undefined {
  if (effort === 'none' || budgetTokens === 0) return { type: 'disabled' }
  if (effort !== undefined) throw untranslatable('reasoning_effort', 'Cohere takes a budget of tokens, or none at all')
  return budgetTokens === undefined ? undefined : { type: 'enabled', token_budget: budgetTokens }
}

function samplingFields({ sampling }: ChatAsk): Json {
  return {
    temperature: sampling.temperature,
    p: sampling.topP,
    k: sampling.topK,
    seed: sampling.seed,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop_sequences: sampling.stop,
  }
}

/** The body of Cohere's chat, version 2. Throws `untranslatable`. */
export function encodeRequest(ask: ChatAsk): Json {
  refuseUnsaid(ask)
  const body = {
    model: ask.model,
    stream: ask.isStream,
    messages: encodeMessages(ask),
    ...encodeTools(ask),
    response_format: responseFormat(ask.output),
    max_tokens: ask.maxOutputTokens,
    ...samplingFields(ask),
    logprobs: ask.logprobs ? true : undefined,
    thinking: thinking(ask.reasoning ?? {}),
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}
