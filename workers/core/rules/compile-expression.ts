import { type CelResult, celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import { boundCost } from './bound-cost.ts'
import { lowerKeys } from './lower-keys.ts'

/** The longest expression, in bytes of UTF-8. */
export const MAX_EXPRESSION_BYTES = 1024
const MAX_STEPS = 50_000
const MAX_CHARS = 1_000_000
const MAX_COMPILED = 1000

/** Variables by name, as CEL takes them. */
export type Variables = Record<string, unknown>

/** An expression that can be run, or why it cannot. */
export type Compiled = { ok: true; run(variables: Variables): CelResult } | { ok: false; flaw: string }

const STANDARD = celEnv()

function compile(text: string): Compiled {
  if (new TextEncoder().encode(text).length > MAX_EXPRESSION_BYTES) {
    return { ok: false, flaw: `it is longer than ${MAX_EXPRESSION_BYTES} bytes` }
  }
  try {
    const parsed = parse(text)
    const { steps, chars } = boundCost(parsed.expr)
    if (steps > MAX_STEPS || chars > MAX_CHARS) return { ok: false, flaw: 'it could take too long to evaluate' }
    lowerKeys(parsed.expr)
    const planned = plan(STANDARD, parsed)
    return { ok: true, run: planned as (variables: Variables) => CelResult }
  } catch (thrown) {
    return { ok: false, flaw: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

// Of an expression alone, so that it does not matter whose it is.
const compiled = new Map<string, Compiled>()

/** Compiles an expression once in an isolate; those least lately used make room. What could take too long is not compiled. */
export function compileExpression(text: string): Compiled {
  const known = compiled.get(text) ?? compile(text)
  compiled.delete(text)
  compiled.set(text, known)
  const [oldest] = compiled.keys()
  if (compiled.size > MAX_COMPILED && oldest !== undefined) compiled.delete(oldest)
  return known
}

/** Whether a request matches; `skipped`: the rule says nothing of it, for a reason that is its author's to know. */
export type Verdict = { kind: 'matched' } | { kind: 'not_matched' } | { kind: 'skipped'; why: string }

// As the contract has it, a header that is not there is a rule that does not match, and no flaw in it.
const MISSING = /^field not found: /

function verdictOf(result: CelResult): Verdict {
  if (isCelError(result)) {
    return MISSING.test(result.message) ? { kind: 'not_matched' } : { kind: 'skipped', why: result.message }
  }
  if (typeof result !== 'boolean') return { kind: 'skipped', why: 'it is neither true nor false' }
  return { kind: result ? 'matched' : 'not_matched' }
}

/** Evaluates an expression; the empty one matches. Never throws. */
export function evaluate(text: string, variables: Variables): Verdict {
  if (text.trim() === '') return { kind: 'matched' }
  const expression = compileExpression(text)
  if (!expression.ok) return { kind: 'skipped', why: expression.flaw }
  try {
    return verdictOf(expression.run(variables))
  } catch (thrown) {
    return { kind: 'skipped', why: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}
