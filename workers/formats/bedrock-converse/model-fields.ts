import type { ChatAsk, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'

/** Makers whose own fields we know. `undefined` is any other, and any profile whose ARN does not name its model. */
export type Family = 'anthropic' | 'nova' | 'openai'

/** What Converse leaves to the model: its own fields, and Converse's own word for effort. */
export type ModelFields = { own: Json; effort?: string }

/** Who made a model, from its id, profile or ARN. */
export function familyOf(model: string): Family | undefined {
  if (model.includes('anthropic.')) return 'anthropic'
  if (model.includes('amazon.nova')) return 'nova'
  return model.includes('openai.') ? 'openai' : undefined
}

function effortWithin(words: string[], effort: string): string {
  if (words.includes(effort)) return effort
  throw untranslatable('reasoning_effort', `this model on Bedrock knows only ${words.join(', ')}`)
}

// `display` is Anthropic's; without it the newest models leave their thoughts out.
function thinking({ effort, budgetTokens, isShown }: Reasoning): Json | undefined {
  if (effort === 'none' || budgetTokens === 0) return { type: 'disabled' }
  const display = isShown === undefined ? undefined : isShown ? 'summarized' : 'omitted'
  if (budgetTokens !== undefined) return { type: 'enabled', budget_tokens: budgetTokens, display }
  return effort === undefined ? undefined : { type: 'adaptive', display }
}

function anthropicFields(reasoning: Reasoning, topK: number | undefined): ModelFields {
  const own = { top_k: topK, thinking: thinking(reasoning) }
  const { effort } = reasoning
  if (effort === undefined || effort === 'none') return { own }
  return { own, effort: effortWithin(['low', 'medium', 'high', 'xhigh'], effort) }
}

function refuseBudget({ budgetTokens }: Reasoning): void {
  if (budgetTokens) throw untranslatable('thinking.budget_tokens', 'this model on Bedrock takes no budget of tokens')
}

function novaFields(reasoning: Reasoning, topK: number | undefined): ModelFields {
  refuseBudget(reasoning)
  const inferenceConfig = topK === undefined ? undefined : { topK }
  const isOff = reasoning.effort === 'none' || reasoning.budgetTokens === 0
  if (isOff) return { own: { inferenceConfig, reasoningConfig: { type: 'disabled' } } }
  if (reasoning.effort === undefined) return { own: { inferenceConfig } }
  const maxReasoningEffort = effortWithin(['low', 'medium', 'high'], reasoning.effort)
  return { own: { inferenceConfig, reasoningConfig: { type: 'enabled', maxReasoningEffort } } }
}

function refuseTopK(topK: number | undefined): void {
  if (topK !== undefined) throw untranslatable('top_k', 'Converse has no field for it that this model is known to read')
}

function openaiFields(reasoning: Reasoning, topK: number | undefined): ModelFields {
  refuseTopK(topK)
  refuseBudget(reasoning)
  const effort = reasoning.effort ?? (reasoning.budgetTokens === 0 ? 'none' : undefined)
  return { own: { reasoning_effort: effort && effortWithin(['low', 'medium', 'high'], effort) } }
}

function otherFields({ effort, budgetTokens }: Reasoning, topK: number | undefined): ModelFields {
  refuseTopK(topK)
  if (effort !== undefined) throw untranslatable('reasoning_effort', 'this model on Bedrock is not known to read it')
  if (budgetTokens !== undefined) {
    throw untranslatable('thinking.budget_tokens', 'this model on Bedrock is not known to read it')
  }
  return { own: {} }
}

/** `top_k` and reasoning in the words of the model's maker. Throws `untranslatable` where it has none that we know. */
export function modelFields({ model, reasoning = {}, sampling }: ChatAsk): ModelFields {
  switch (familyOf(model)) {
    case 'anthropic':
      return anthropicFields(reasoning, sampling.topK)
    case 'nova':
      return novaFields(reasoning, sampling.topK)
    case 'openai':
      return openaiFields(reasoning, sampling.topK)
    case undefined:
      return otherFields(reasoning, sampling.topK)
  }
}
