/** How complex a request is, the simplest first. The last only where a tenant has set where it begins. */
export const COMPLEXITY_TIERS = ['SIMPLE', 'MEDIUM', 'COMPLEX', 'REASONING'] as const

/** One of `COMPLEXITY_TIERS`. */
export type ComplexityTier = (typeof COMPLEXITY_TIERS)[number]

/** What is looked for in a request. */
export const KEYWORD_KINDS = ['simple', 'code', 'technical', 'reasoning'] as const

/**
 * By what it is told. Boundaries: the scores from which on the second tier of their name begins; the last one may be absent.
 * Keywords in lower case, their words one space apart.
 */
export type ComplexityConfig = {
  boundaries: { simpleMedium: number; mediumComplex: number; complexReasoning?: number | null }
  keywords: Record<(typeof KEYWORD_KINDS)[number], string[]>
}

/** The variable that rules ask for it by. */
export const TIER_VARIABLE = 'complexity_tier'

/** As much of a text is looked at: its beginning, and its end, where the question often is. */
const HEAD_CHARS = 6144
const TAIL_CHARS = 2048
/** In so many places a keyword is looked at, that no text makes it slow. */
const MAX_PLACES = 16
/** A text of so many characters is as long as counts. */
const LONG_CHARS = 4000
/** What each kind comes to at most, and how many keywords of it come to that. Weights: Bifrost, complexity router (lexical). */
const WEIGHTS = {
  code: { weight: 0.3, full: 3 },
  reasoning: { weight: 0.25, full: 2 },
  technical: { weight: 0.25, full: 3 },
  simple: { weight: -0.05, full: 1 },
} as const
const LENGTH_WEIGHT = 0.1
/** So many keywords of reasoning are the most complex tier, whatever else there is. */
const REASONING_ALONE = 2

/** A text as keywords are looked for in it. */
export function normalizeWords(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

function bounded(text: string): string {
  return text.length <= HEAD_CHARS + TAIL_CHARS ? text : `${text.slice(0, HEAD_CHARS)} ${text.slice(-TAIL_CHARS)}`
}

// Of scripts that put spaces between words; in others a keyword may stand anywhere.
const isLetter = (char: string | undefined) => char !== undefined && /[a-z0-9_\u00c0-\u024f]/.test(char)

function standsAt(text: string, keyword: string, at: number): boolean {
  const end = at + keyword.length
  const startsWord = !isLetter(text[at - 1]) || !isLetter(keyword[0])
  const endsWord = (next: number) => !isLetter(text[next]) || !isLetter(keyword.at(-1))
  return startsWord && (endsWord(end) || (text[end] === 's' && endsWord(end + 1)))
}

function occurs(text: string, keyword: string): boolean {
  let at = text.indexOf(keyword)
  for (let place = 0; at >= 0 && place < MAX_PLACES; place += 1) {
    if (standsAt(text, keyword, at)) return true
    at = text.indexOf(keyword, at + 1)
  }
  return false
}

type Counts = Record<(typeof KEYWORD_KINDS)[number], number>

function countKeywords(text: string, { keywords }: ComplexityConfig): Counts {
  const count = (kind: (typeof KEYWORD_KINDS)[number]) => keywords[kind].filter(word => occurs(text, word)).length
  return { simple: count('simple'), code: count('code'), technical: count('technical'), reasoning: count('reasoning') }
}

function scoreOf(counts: Counts, length: number): number {
  const parts = KEYWORD_KINDS.map(kind => {
    const { weight, full } = WEIGHTS[kind]
    return weight * Math.min(1, counts[kind] / full)
  })
  const sum = parts.reduce((total, part) => total + part, LENGTH_WEIGHT * Math.min(1, length / LONG_CHARS))
  return Math.min(1, Math.max(0, Math.round(sum * 10_000) / 10_000))
}

function tierAt(score: number, { boundaries }: ComplexityConfig): ComplexityTier {
  const { simpleMedium, mediumComplex, complexReasoning } = boundaries
  if (complexReasoning != null && score >= complexReasoning) return 'REASONING'
  if (score >= mediumComplex) return 'COMPLEX'
  return score >= simpleMedium ? 'MEDIUM' : 'SIMPLE'
}

/**
 * How complex what a user asks is, by its words and its length: the same for the same text, in a bounded time. `undefined`
 * where nothing is said that could be looked at.
 */
export function complexityOf(text: string, config: ComplexityConfig): ComplexityTier | undefined {
  if (text.trim() === '') return undefined
  const counts = countKeywords(normalizeWords(bounded(text)), config)
  if (counts.reasoning >= REASONING_ALONE) return config.boundaries.complexReasoning == null ? 'COMPLEX' : 'REASONING'
  return tierAt(scoreOf(counts, text.length), config)
}
