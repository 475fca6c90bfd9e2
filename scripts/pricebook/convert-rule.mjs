// Match rules of genai-prices, made small: names are lower-cased once here rather than at every comparison.

function lowered(rule) {
  const [kind, value] = Object.entries(rule)[0]
  if (kind === 'and' || kind === 'or') return { [kind]: value.map(lowered) }
  if (!['equals', 'starts_with', 'ends_with', 'contains', 'regex'].includes(kind))
    throw new Error(`unknown rule: ${kind}`)
  return { [kind]: kind === 'regex' ? value : value.toLowerCase() }
}

// The names of a rule that is nothing but a list of names.
function plainNames(rule) {
  const parts = rule.or ?? [rule]
  return parts.every(part => part.equals !== undefined) ? [...new Set(parts.map(part => part.equals))] : undefined
}

/** How a model is recognised: by its own id (said by nothing), by `names`, or by a `rule`. All lower case. */
export function recognition(model) {
  const rule = lowered(model.match)
  const names = plainNames(rule)
  if (!names) return { rule }
  return names.length === 1 && names[0] === model.id ? {} : { names }
}
