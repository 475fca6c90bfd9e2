import { untranslatable } from '../untranslatable.ts'

// Gemini's `standard` is what others call `default`.
const TO_GEMINI: Record<string, string> = {
  default: 'standard',
  standard: 'standard',
  flex: 'flex',
  priority: 'priority',
}

/** A tier as other wires name it; what Gemini leaves unspecified is no tier. */
export function tierFromGemini(tier: string | undefined): string | undefined {
  const name = tier?.toLowerCase()
  if (name === undefined || name === 'unspecified') return undefined
  return name === 'standard' ? 'default' : name
}

/** A tier as Gemini names it; `auto` is to ask for none. Throws `untranslatable` for any that Gemini does not sell. */
export function tierToGemini(tier: string | undefined): string | undefined {
  if (tier === undefined || tier === 'auto') return undefined
  const name = TO_GEMINI[tier]
  if (name === undefined) throw untranslatable('service_tier', `Gemini has no tier ${tier}`)
  return name
}

/** The tier of an answer, for a client: as Gemini names it where it can, else as its vendor does. */
export function tierToClient(tier: string | undefined): { serviceTier?: string } {
  return tier === undefined ? {} : { serviceTier: TO_GEMINI[tier] ?? tier }
}
