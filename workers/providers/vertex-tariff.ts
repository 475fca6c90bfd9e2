import { findModel, listModels, type PricedModel } from '../core/pricing/index.ts'
import { surcharged } from '../core/pricing/surcharge.ts'
import { GLOBAL } from './http/doors/vertex.ts'
import type { Tariff } from './port.ts'

/** What a region costs more than `global`. */
const SURCHARGE_PERCENT = 10

// Claude before 4.5 and Gemini before 3 cost the same everywhere. A name that is not known yet is taken for a newer one.
// Source: platform.claude.com, Claude on Vertex AI, Global vs regional endpoints; for Gemini LiteLLM's map of prices.
const CLAUDE_AT_ONE_PRICE = /^claude-(3|2|instant|(opus|sonnet)-4(-[01])?(-20\d{6})?$)/
const GEMINI_AT_ONE_PRICE = /^(gemini-(1|2|pro|flash-1|embedding)|gemma|text-)/

type Family = { pricebook: 'google' | 'anthropic'; isAtOnePrice: RegExp }

const GEMINI: Family = { pricebook: 'google', isAtOnePrice: GEMINI_AT_ONE_PRICE }
// The list of Anthropic itself: Google's has no price for cache writes that are kept for an hour.
const CLAUDE: Family = { pricebook: 'anthropic', isAtOnePrice: CLAUDE_AT_ONE_PRICE }

// `claude-opus-4-5@20251101` is `claude-opus-4-5-20251101` in Anthropic's own list.
function plainName(model: string): string {
  return model
    .toLowerCase()
    .trim()
    .replace('@', '-')
    .replace(/-default$/, '')
}

function isOf({ pricebook }: Family, { model }: PricedModel): boolean {
  return model.toLowerCase().startsWith('claude') === (pricebook === 'anthropic')
}

// Who sells at another's prices need not have the other's service tiers.
function tariffOf(family: Family, region: string | undefined): Tariff {
  const at = (model: PricedModel, name: string) =>
    region === GLOBAL || family.isAtOnePrice.test(name)
      ? { ...model, serviceTiers: {} }
      : surcharged(model, SURCHARGE_PERCENT)
  return {
    find(model) {
      const name = plainName(model)
      const found = findModel(family.pricebook, name)
      return found && isOf(family, found) ? at(found, name) : undefined
    },
    list: () =>
      listModels(family.pricebook)
        .filter(model => isOf(family, model))
        .map(model => at(model, model.model.toLowerCase())),
  }
}

/** Google's models on Vertex: the pricebook's prices, and the surcharge of any region but `global`. An unknown region has it. */
export function vertexTariff({ region }: { region: string | undefined }): Tariff {
  return tariffOf(GEMINI, region)
}

/** Anthropic's models on Vertex, by the same rule. */
export function vertexAnthropicTariff({ region }: { region: string | undefined }): Tariff {
  return tariffOf(CLAUDE, region)
}
