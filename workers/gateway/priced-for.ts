import {
  overriddenModel,
  overrideFor,
  type PricedModel,
  pricebookAt,
  type RequestType,
  tenantPricedModel,
} from '../core/pricing/index.ts'
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

/** For whom, for what and as of when a price is asked. `madeMs`: only overrides that were there by then; without it, all that are. */
export type PriceRule = { format: FormatName; snapshot: KeySnapshot; nowMs: number; madeMs?: number }

/**
 * A model at its provider's prices, or at those that the tenant's pricebook makes of them, and an override of those; `undefined`:
 * not known.
 */
export function pricedFor(
  { provider, model }: Target,
  key: Pick<ProviderKey, 'id'>,
  { format, snapshot, nowMs, madeMs = Number.POSITIVE_INFINITY }: PriceRule,
): PricedModel | undefined {
  const requestType = REQUEST_TYPE[format]
  const facts = { provider: provider.name, model, requestType }
  const version = pricebookAt(snapshot.pricebook, nowMs)
  const known = tenantPricedModel(pricedModelAt(provider, model), version, facts)
  const inForce = snapshot.priceOverrides?.filter(({ sinceMs }) => sinceMs <= madeMs)
  const override = overrideFor(inForce, { ...facts, providerKey: key.id })
  return override ? overriddenModel(known, override, facts) : known
}
