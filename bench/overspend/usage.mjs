function honest({ promptTokens: prompt_tokens, completionTokens: completion_tokens }) {
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

/** What the upstream says it used, by `plan.usage`: the truth, or one of the ways in which providers get it wrong. */
export const USAGE_KINDS = {
  honest,
  none: () => undefined,
  negative: () => ({ prompt_tokens: -20, completion_tokens: -400, total_tokens: -420 }),
  strings: call => Object.fromEntries(Object.entries(honest(call)).map(([name, tokens]) => [name, String(tokens)])),
  'without completion_tokens': call => ({ prompt_tokens: call.promptTokens }),
  'without prompt_tokens': call => ({ completion_tokens: call.completionTokens }),
  empty: () => ({}),
  // Told half-way, and never again.
  'in the middle': () => undefined,
  // In every chunk, what was used so far.
  growing: honest,
}

/** What the upstream says in the middle of a stream; `undefined`: nothing. */
export function usageOnTheWay(call, { usage, chunks }, index) {
  if (usage === 'growing') return honest(call)
  return usage === 'in the middle' && index === Math.floor(chunks / 2) ? honest(call) : undefined
}
