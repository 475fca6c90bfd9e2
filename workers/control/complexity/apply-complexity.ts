import type { ComplexityInput } from '../../contracts/complexity-input.ts'
import { type ComplexityConfig, KEYWORD_KINDS, normalizeWords } from '../../core/rules/complexity.ts'
import { invalid } from '../governance/invalid.ts'

const MAX_WORDS = 200
const MAX_WORD_CHARS = 64
/** A key's snapshot holds all of it. */
const MAX_CHARS = 24_000

type Boundaries = ComplexityConfig['boundaries']

function checkBoundaries({ simpleMedium, mediumComplex, complexReasoning }: Boundaries): void {
  const all = [simpleMedium, mediumComplex, ...(complexReasoning == null ? [] : [complexReasoning])]
  if (all.some(score => !(score > 0 && score < 1))) {
    throw invalid('tier_boundaries must be numbers above 0 and below 1')
  }
  const isRising = all.every((score, index) => index === 0 || score > (all[index - 1] ?? 0))
  if (!isRising) throw invalid('tier_boundaries must rise: simple_medium < medium_complex < complex_reasoning')
}

// `null` takes the fourth tier away; of the other two it is absent, as everywhere.
function applyBoundaries(current: Boundaries, input: ComplexityInput['tier_boundaries']): Boundaries {
  const { simple_medium, medium_complex, complex_reasoning: last } = input ?? {}
  const next = {
    simpleMedium: simple_medium ?? current.simpleMedium,
    mediumComplex: medium_complex ?? current.mediumComplex,
    complexReasoning: last === undefined ? (current.complexReasoning ?? null) : last,
  }
  checkBoundaries(next)
  return next
}

function readWords(given: string[], field: string): string[] {
  const read = [...new Set(given.map(normalizeWords))]
  if (read.length > MAX_WORDS) throw invalid(`${field} cannot have more than ${MAX_WORDS} keywords`)
  if (read.every(word => word !== '' && word.length <= MAX_WORD_CHARS)) return read
  throw invalid(`${field}: a keyword must have 1 to ${MAX_WORD_CHARS} characters`)
}

function applyKeywords(current: ComplexityConfig['keywords'], input: ComplexityInput['keywords']) {
  const pairs = KEYWORD_KINDS.map(kind => {
    const given = input?.[`${kind}_keywords`]
    return [kind, given ? readWords(given, `keywords.${kind}_keywords`) : current[kind]] as const
  })
  return Object.fromEntries(pairs) as ComplexityConfig['keywords']
}

function refuseOthers({ semantic, llm, keywords, tier_boundaries }: ComplexityInput): void {
  if (semantic != null || llm != null) {
    throw invalid('semantic and llm are not available: tiers are told by keywords and length, without asking a model')
  }
  if (!keywords && !tier_boundaries) throw invalid('tier_boundaries or keywords is required')
  if (!keywords?.medium_keywords && !keywords?.complex_keywords) return
  throw invalid(
    'medium_keywords and complex_keywords are phrases to compare with, which is not available: use code_keywords, technical_keywords and reasoning_keywords',
  )
}

/** The configuration as a body makes it, in which what is absent stays. Throws `request_invalid`. */
export function applyComplexity(current: ComplexityConfig, input: ComplexityInput): ComplexityConfig {
  refuseOthers(input)
  const next = {
    boundaries: applyBoundaries(current.boundaries, input.tier_boundaries),
    keywords: applyKeywords(current.keywords, input.keywords),
  }
  if (JSON.stringify(next).length <= MAX_CHARS) return next
  throw invalid(`keywords cannot have more than ${MAX_CHARS} characters together`)
}
