import type { AnswerUsage, ChatAnswer, ChatAsk } from '../chat.ts'
import type { Json } from '../codec.ts'
import { leadingInstructions } from './encode-input.ts'
import { functionTool, reasoningOption, textOption, toolChoice } from './encode-options.ts'
import { printUsage } from './usage.ts'

/** An answer so far. */
export type ResponseState = Pick<ChatAnswer, 'id' | 'model' | 'createdMs'> & {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  reason?: string
  error?: { code: string; message: string }
  output: Json[]
  usage: AnswerUsage | undefined
  serviceTier?: string | undefined
}

/** The settings an answer repeats; what was not given is null or this wire's default. */
function echo(ask: ChatAsk): Json {
  return {
    background: false,
    instructions: leadingInstructions(ask.messages) ?? null,
    max_output_tokens: ask.maxOutputTokens ?? null,
    metadata: ask.metadata ?? {},
    parallel_tool_calls: ask.parallelToolCalls ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null, ...reasoningOption(ask.reasoning ?? {}) },
    safety_identifier: ask.user ?? null,
    store: false,
    temperature: ask.sampling.temperature ?? null,
    text: textOption(ask.output ?? { kind: 'text' }),
    tool_choice: toolChoice(ask.toolChoice ?? { kind: 'auto' }),
    tools: ask.tools.map(functionTool),
    top_logprobs: ask.logprobs?.top ?? 0,
    top_p: ask.sampling.topP ?? null,
    truncation: 'disabled',
  }
}

/** The response object. Source: OpenAI API reference, The response object. */
export function responseObject(state: ResponseState, ask: ChatAsk): Json {
  const { id, model, createdMs, status, reason, error, output, usage, serviceTier } = state
  return {
    ...echo(ask),
    id,
    object: 'response',
    created_at: Math.floor(createdMs / 1000),
    status,
    error: error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    model,
    output,
    service_tier: serviceTier ?? null,
    usage: usage ? printUsage(usage) : null,
  }
}
