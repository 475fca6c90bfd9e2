import type { ChatAsk, OutputShape, Reasoning, Sampling, Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeMessages } from './encode-messages.ts'

function encodeTool({ name, description, schema, strict }: Tool): Json {
  return { type: 'function', function: given({ name, description, parameters: schema, strict }) }
}

function encodeChoice(choice: ToolChoice): unknown {
  return choice.kind === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.kind
}

// OpenAI refuses both fields where there are no tools.
function encodeTools({ tools, toolChoice, parallelToolCalls }: ChatAsk): Json {
  const isForced = toolChoice?.kind === 'required' || toolChoice?.kind === 'tool'
  if (tools.length === 0 && !isForced) return {}
  return given({
    tools: tools.length > 0 ? tools.map(encodeTool) : undefined,
    tool_choice: toolChoice && encodeChoice(toolChoice),
    parallel_tool_calls: parallelToolCalls,
  })
}

function encodeOutput(output: OutputShape): Json {
  if (output.kind === 'text') return { type: 'text' }
  if (output.kind === 'json') return { type: 'json_object' }
  const { kind: _kind, ...schema } = output
  return { type: 'json_schema', json_schema: schema }
}

/** The members that both of OpenAI's wires have. Throws `untranslatable` for `top_k`, which neither has. */
export function encodeSampling(sampling: Sampling): Json {
  if (sampling.topK !== undefined) throw untranslatable('top_k', "OpenAI's wire has no such field")
  return given({
    temperature: sampling.temperature,
    top_p: sampling.topP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    seed: sampling.seed,
    stop: sampling.stop,
    logit_bias: sampling.logitBias,
  })
}

/** Whether to stream, and to tell the usage then. */
export function encodeStreaming({ isStream, wantsStreamUsage }: ChatAsk): Json {
  if (!isStream) return {}
  return given({ stream: true, stream_options: wantsStreamUsage ? { include_usage: true } : undefined })
}

const LOW_BELOW = 8_000
const MEDIUM_BELOW = 20_000

// This wire has words only. The nearest one stands for a number; the cap on output holds in any case.
function encodeEffort({ effort, budgetTokens }: Reasoning): string | undefined {
  if (effort !== undefined || budgetTokens === undefined) return effort
  if (budgetTokens === 0) return 'none'
  if (budgetTokens < LOW_BELOW) return 'low'
  return budgetTokens < MEDIUM_BELOW ? 'medium' : 'high'
}

/** Anthropic's words for what OpenAI calls `default`. */
const TIERS: Record<string, string> = { standard: 'default', standard_only: 'default' }

/** A tier by the name it has at OpenAI. */
export function encodeTier(tier: string | undefined): string | undefined {
  return tier === undefined ? undefined : (TIERS[tier] ?? tier)
}

/** The body of POST /v1/chat/completions. Source: OpenAI API reference, Create chat completion. */
export function encodeRequest(ask: ChatAsk): Json {
  const { logprobs, reasoning } = ask
  return given({
    model: ask.model,
    messages: encodeMessages(ask.messages),
    ...encodeTools(ask),
    response_format: ask.output && encodeOutput(ask.output),
    ...encodeSampling(ask.sampling),
    max_completion_tokens: ask.maxOutputTokens,
    n: ask.choices > 1 ? ask.choices : undefined,
    logprobs: logprobs ? true : undefined,
    top_logprobs: logprobs?.top || undefined,
    reasoning_effort: reasoning && encodeEffort(reasoning),
    service_tier: encodeTier(ask.serviceTier),
    user: ask.user,
    ...encodeStreaming(ask),
  })
}

/** The same for a vendor that refuses messages with thoughts in them, as several do: they are left out. */
export function encodeRequestWithoutThoughts(ask: ChatAsk): Json {
  const messages = ask.messages.map(message => ({
    ...message,
    parts: message.parts.filter(part => part.kind !== 'reasoning'),
  }))
  return encodeRequest({ ...ask, messages })
}
