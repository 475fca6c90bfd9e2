/** How names of models are recognised, as genai-prices writes it. All text but `regex` is lower case. */
export type MatchRule =
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { regex: string }
  | { and: MatchRule[] }
  | { or: MatchRule[] }

// The pricebook has few expressions and an isolate meets few of them, so each is compiled when it is first needed.
const compiled = new Map<string, RegExp>()

function expression(source: string): RegExp {
  const known = compiled.get(source)
  if (known) return known
  const made = new RegExp(source)
  compiled.set(source, made)
  return made
}

/** Whether a lower-case name is one the rule means. */
export function matches(rule: MatchRule, name: string): boolean {
  if ('equals' in rule) return name === rule.equals
  if ('starts_with' in rule) return name.startsWith(rule.starts_with)
  if ('ends_with' in rule) return name.endsWith(rule.ends_with)
  if ('contains' in rule) return name.includes(rule.contains)
  if ('regex' in rule) return expression(rule.regex).test(name)
  if ('and' in rule) return rule.and.every(part => matches(part, name))
  return rule.or.some(part => matches(part, name))
}
