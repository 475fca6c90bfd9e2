// Who and what the events are of. Sizes are those of a company that sells a product with agents in it.
import { picker, zipfShares } from './random.mjs'

const MODELS = [
  // provider, model, pico-dollars an input and an output token, share
  ['openai', 'gpt-5-mini', 250_000, 2_000_000, 30],
  ['anthropic', 'claude-sonnet-4-5', 3_000_000, 15_000_000, 18],
  ['openai', 'gpt-5', 1_250_000, 10_000_000, 14],
  ['gemini', 'gemini-2.5-flash', 300_000, 2_500_000, 12],
  ['openai', 'gpt-4o-mini', 150_000, 600_000, 10],
  ['anthropic', 'claude-haiku-4-5', 1_000_000, 5_000_000, 7],
  ['bedrock', 'claude-sonnet-4-5', 3_000_000, 15_000_000, 4],
  ['groq', 'llama-3.3-70b-versatile', 590_000, 790_000, 3],
  ['mistral', 'mistral-large-latest', 2_000_000, 6_000_000, 1.5],
  ['anthropic', 'claude-opus-4-1', 15_000_000, 75_000_000, 0.5],
].map(([provider, model, inputPico, outputPico, share]) => ({ provider, model, inputPico, outputPico, share }))

const named = (prefix, count) => Array.from({ length: count }, (_, index) => `${prefix}_${index + 1}`)
const ENTITY_TYPES = ['customer', 'ticket', 'document']
const entity = (_, index) => `${ENTITY_TYPES[index % ENTITY_TYPES.length]}/${index + 1}`
const APPLICATION = { research: 'notebook', support: 'helpdesk', sales: 'crm' }
const TAGS = ['production', 'staging', 'test'].flatMap(environment =>
  ['research', 'support', 'sales', 'platform'].flatMap(department =>
    [undefined, 'triage', 'outreach'].map(workflow =>
      // What is undefined is left out.
      JSON.stringify({ environment, department, application: APPLICATION[department], workflow }),
    ),
  ),
)

/** Each thing that an event is told apart by: its names, and how they are used. `noneShare`: events that have none. */
const DIMENSIONS = {
  model: { names: MODELS.map(one => `${one.provider}/${one.model}`), shares: MODELS.map(one => one.share) },
  agent_name: { names: named('agent', 40), noneShare: 0.15 },
  user_id: { names: named('user', 5000), exponent: 0.9, noneShare: 0.1 },
  entity: { names: Array.from({ length: 2000 }, entity), exponent: 0.9, noneShare: 0.3 },
  team: { names: named('team', 8), noneShare: 0.05 },
  feature: { names: named('feature', 12), noneShare: 0.2 },
  tags: { names: TAGS, exponent: 0.8, noneShare: 0.4 },
  key: { names: named('key', 20) },
}

function openDimension({ names, exponent = 1, shares = zipfShares(names.length, exponent), noneShare = 0 }) {
  const pick = picker(shares)
  return { names, draw: random => (noneShare > 0 && random() < noneShare ? -1 : pick(random)) }
}

/** The models, with the prices that charges are made at. */
export { MODELS }

/** How many virtual keys each tenant has. */
export const KEYS = DIMENSIONS.key.names.length

/** By the name of each dimension its names, and a draw from them: an index, or -1 where an event has none. */
export const CAST = Object.fromEntries(Object.entries(DIMENSIONS).map(([name, one]) => [name, openDimension(one)]))
