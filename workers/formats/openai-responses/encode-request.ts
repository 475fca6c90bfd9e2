import type { ChatAsk, Sampling } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { inputItems, leadingInstructions } from './encode-input.ts'
import { functionTool, reasoningOption, refuseBudget, textOption, toolChoice } from './encode-options.ts'

/** The most characters this wire takes of who a user is; a hint that would be refused is not sent. */
const MAX_USER = 64

/** What this wire has no word for, by the names that others have. What says nothing is no reason to refuse. */
function unsayable({ sampling, choices }: ChatAsk): Record<string, boolean> {
  const { topK, presencePenalty, frequencyPenalty, seed, stop, logitBias }: Sampling = sampling
  return {
    n: choices !== 1,
    top_k: topK !== undefined,
    presence_penalty: (presencePenalty ?? 0) !== 0,
    frequency_penalty: (frequencyPenalty ?? 0) !== 0,
    seed: seed !== undefined,
    stop: (stop ?? []).length > 0,
    logit_bias: Object.keys(logitBias ?? {}).length > 0,
  }
}

function refuseUnsayable(ask: ChatAsk): void {
  for (const [name, isSaid] of Object.entries(unsayable(ask)))
    if (isSaid) throw untranslatable(name, 'the Responses wire has no such field')
  if (ask.reasoning) refuseBudget(ask.reasoning)
}

// Only reasoning models take `reasoning.encrypted_content`; whoever asks for reasoning has chosen one.
function include({ logprobs, reasoning }: ChatAsk): string[] | undefined {
  const thinks = reasoning !== undefined && reasoningOption(reasoning).effort !== 'none'
  const wanted = [
    ...(logprobs ? ['message.output_text.logprobs'] : []),
    ...(thinks ? ['reasoning.encrypted_content'] : []),
  ]
  return wanted.length > 0 ? wanted : undefined
}

function toolMembers({ tools, toolChoice: choice, parallelToolCalls }: ChatAsk): Json {
  return given({
    tools: tools.length > 0 ? tools.map(functionTool) : undefined,
    tool_choice: choice && toolChoice(choice),
    parallel_tool_calls: parallelToolCalls,
  })
}

function callerMembers({ user, metadata, serviceTier }: ChatAsk): Json {
  const isShort = user !== undefined && user.length <= MAX_USER
  return given({ metadata, safety_identifier: isShort ? user : undefined, service_tier: serviceTier })
}

/** The request's body. Nothing is stored: what a translated answer was made from, nobody could look up. */
export function encodeRequest(ask: ChatAsk): Json {
  refuseUnsayable(ask)
  const instructions = leadingInstructions(ask.messages)
  return given({
    model: ask.model,
    instructions,
    input: inputItems(ask.messages, instructions === undefined ? 0 : 1),
    ...toolMembers(ask),
    text: ask.output && textOption(ask.output),
    reasoning: ask.reasoning && reasoningOption(ask.reasoning),
    max_output_tokens: ask.maxOutputTokens,
    temperature: ask.sampling.temperature,
    top_p: ask.sampling.topP,
    top_logprobs: ask.logprobs?.top,
    include: include(ask),
    ...callerMembers(ask),
    store: false,
    stream: ask.isStream || undefined,
  })
}
