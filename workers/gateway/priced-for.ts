import { overriddenModel, overrideFor, type PricedModel, type RequestType } from '../core/pricing/index.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { FormatName } from '../formats/format-name.ts'
import type { ProviderKey } from '../providers/port.ts'
import { pricedModelAt } from '../providers/priced-models.ts'
import type { Target } from './routing/find-targets.ts'

/** What a caller asks for by each wire; none of what nobody overrides the price of. */
const REQUEST_TYPE: Partial<Record<FormatName, RequestType>> = {
  'openai-chat': 'chat_completion',
  'anthropic-messages': 'chat_completion',
  gemini: 'chat_completion',
  'bedrock-converse': 'chat_completion',
  'cohere-chat': 'chat_completion',
  'openai-completions': 'text_completion',
  'openai-responses': 'responses',
  'openai-embeddings': 'embedding',
  rerank: 'rerank',
  'openai-speech': 'speech',
  'openai-transcriptions': 'transcription',
  'openai-translations': 'transcription',
  'openai-images': 'image_generation',
  'openai-image-variations': 'image_variation',
  'openai-image-edits': 'image_edit',
}

/** For whom, and for what, a price is asked. `madeMs`: only what was in force by then; without it, all that is. */
export type PriceRule = { format: FormatName; snapshot: KeySnapshot; madeMs?: number }

/** A model at its provider's prices, or at those that an override of the tenant's makes of them; `undefined`: not known. */
export function pricedFor(
  { provider, model }: Target,
  key: Pick<ProviderKey, 'id'>,
  { format, snapshot, madeMs = Number.POSITIVE_INFINITY }: PriceRule,
): PricedModel | undefined {
  const known = pricedModelAt(provider, model)
  const inForce = snapshot.priceOverrides?.filter(({ sinceMs }) => sinceMs <= madeMs)
  const requestType = REQUEST_TYPE[format]
  const override = overrideFor(inForce, { provider: provider.name, providerKey: key.id, model, requestType })
  return override ? overriddenModel(known, override, { provider: provider.name, model }) : known
}
