import type { ChatAsk, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import type { Fields } from './fields.ts'
import { type Given, given } from './given.ts'
import { invalid } from './invalid.ts'

type Effort = NonNullable<Reasoning['effort']>

const LEVELS: Partial<Record<Effort, string>> = { minimal: 'MINIMAL', low: 'LOW', medium: 'MEDIUM', high: 'HIGH' }
const EFFORTS: Record<string, Effort> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' }
/** Google's own table of budgets for efforts, for models that know no levels. */
const BUDGETS: Partial<Record<Effort, number>> = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576 }
const KNOWS_BUDGETS_ONLY = /gemini-[12][.-]/
/** As many as the model likes. */
const DYNAMIC = -1

function effortOf(config: Fields): Effort | undefined {
  const level = config.text('thinkingLevel')?.toUpperCase()
  if (level === undefined || level === 'THINKING_LEVEL_UNSPECIFIED') return undefined
  const effort = EFFORTS[level]
  if (!effort) throw invalid(config.path('thinkingLevel'), 'must be MINIMAL, LOW, MEDIUM or HIGH')
  return effort
}

/** How much to think. A budget of -1 leaves that to the model, which is to ask for nothing. */
export function decodeThinking(config: Fields): Reasoning | undefined {
  config.refuseOthers(['includeThoughts', 'thinkingBudget', 'thinkingLevel'])
  const [effort, budget] = [effortOf(config), config.whole('thinkingBudget')]
  if (effort && budget !== undefined) throw invalid(config.path('thinkingBudget'), 'must not be with a thinkingLevel')
  const budgetTokens = budget === DYNAMIC ? undefined : budget
  const reasoning = given({ effort, budgetTokens, isShown: config.flag('includeThoughts') })
  return Object.keys(reasoning).length > 0 ? reasoning : undefined
}

function amountOf({ model, reasoning = {} }: ChatAsk): Given<{ thinkingBudget: number; thinkingLevel: string }> {
  const { effort, budgetTokens } = reasoning
  if (effort === undefined) return given({ thinkingBudget: budgetTokens })
  if (budgetTokens !== undefined) throw untranslatable('reasoning_effort', 'Gemini takes an effort or a budget')
  const level = LEVELS[effort]
  const budget = BUDGETS[effort]
  if (level !== undefined && !KNOWS_BUDGETS_ONLY.test(model)) return { thinkingLevel: level }
  if (budget === undefined) throw untranslatable('reasoning_effort', `Gemini has no effort ${effort}`)
  return { thinkingBudget: budget }
}

/** `thinkingConfig`, where anything of it is asked for. Older models take the budget that Google gives for a level. */
export function encodeThinking(ask: ChatAsk): Json | undefined {
  const config = { ...amountOf(ask), ...given({ includeThoughts: ask.reasoning?.isShown }) }
  return Object.keys(config).length > 0 ? config : undefined
}
