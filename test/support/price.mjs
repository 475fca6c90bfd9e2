/** OpenAI's list prices, $0.15 and $0.60, $2.50 and $10 per million tokens, in nano-dollars per token. */
const NANO_PER_TOKEN = {
  'gpt-4o-mini': { prompt: 150, completion: 600 },
  'gpt-4o': { prompt: 2500, completion: 10_000 },
}

/** What OpenAI would bill for calls, in nano-dollars; of gpt-4o-mini where they do not say of what. */
export function billedNano(calls) {
  const cost = ({ model = 'gpt-4o-mini', promptTokens, completionTokens }) =>
    promptTokens * NANO_PER_TOKEN[model].prompt + completionTokens * NANO_PER_TOKEN[model].completion
  return calls.reduce((total, call) => total + cost(call), 0)
}

/** What events, or rows of sums, say was spent, in nano-dollars. */
export function eventsNano(events) {
  return events.reduce((total, event) => total + Number(event.cost_nano), 0)
}

/** A decimal number of dollars, as JSON shows it, in nano-dollars. */
export function nanoOf(usd) {
  return Math.round(usd * 1e9)
}
