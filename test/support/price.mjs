/** OpenAI's list price of gpt-4o-mini, $0.15 and $0.60 per million tokens, in nano-dollars per token. */
const NANO_PER_TOKEN = { prompt: 150, completion: 600 }

/** What OpenAI would bill for calls of gpt-4o-mini, in nano-dollars. */
export function billedNano(calls) {
  const cost = call => call.promptTokens * NANO_PER_TOKEN.prompt + call.completionTokens * NANO_PER_TOKEN.completion
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
