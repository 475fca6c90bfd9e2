type Asked = { type: string; weight: number }

function readPart(part: string): Asked {
  const [type = '', ...params] = part.split(';').map(text => text.trim().toLowerCase())
  const weight = Number(params.find(text => text.startsWith('q='))?.slice(2) ?? 1)
  return { type, weight: Number.isNaN(weight) ? 0 : weight }
}

/**
 * Of what can be answered, what an `Accept` header likes best: the first of `offered` where it likes all alike, says nothing of
 * them, or is absent (RFC 9110 section 12.5.1 lets a server answer what was not asked for).
 */
export function acceptedType<T extends string>(accept: string | null, offered: Record<T, readonly string[]>): T {
  const asked = (accept ?? '').split(',').map(readPart)
  const weightOf = (types: readonly string[]) =>
    Math.max(0, ...asked.filter(({ type }) => types.includes(type)).map(({ weight }) => weight))
  // The keys are those of the type; what is liked alike keeps its order.
  const [first, ...others] = Object.keys(offered) as [T, ...T[]]
  return others.reduce((best, name) => (weightOf(offered[name]) > weightOf(offered[best]) ? name : best), first)
}
