/** The tier that a price is of where nobody says otherwise. */
export const STANDARD = 'standard'

/** Asked for: whichever tier the vendor chooses. */
export const ANY_TIER = 'auto'

/** The names that vendors have for the tier that everybody is served at. */
const STANDARD_NAMES = new Set(['', 'standard', 'default', 'standard_only', 'on_demand', 'unspecified', 'scale'])

/**
 * A service tier by one name, whoever says it and whether it is asked for or told: `standard`, `auto`, or the vendor's own
 * word in lower case (`priority`, `flex`, `batch`). OpenAI's `scale` is capacity paid for in advance, over which the standard
 * price is charged.
 */
export function serviceTierOf(word: string | undefined): string {
  const name = (word ?? '')
    .trim()
    .toLowerCase()
    .replace(/^service_tier_/, '')
  return STANDARD_NAMES.has(name) ? STANDARD : name
}
