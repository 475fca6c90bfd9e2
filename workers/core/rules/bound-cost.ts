import type { Expr, Expr_Comprehension } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js'
import { MAX_ENTRIES, MAX_MAP_CHARS } from './rule-facts.ts'

/** The most that a value can be, in elements and in characters with all that is in it, and what making it can cost, in steps. */
type Bound = { count: number; chars: number; cost: number }
type Bounds = ReadonlyMap<string, Bound>

const FACT: Bound = { count: MAX_ENTRIES, chars: MAX_MAP_CHARS, cost: 1 }
/** A number or an instant written out. */
const WRITTEN = 32
/** So many characters are as dear as one step, where a function reads them all. */
const CHARS_A_STEP = 64
/** A pattern is compiled each time, and walks slower than any other function. */
const PATTERN = 200

const add = (bounds: readonly Bound[]): Bound => ({
  count: bounds.reduce((sum, { count }) => sum + count, 0),
  chars: bounds.reduce((sum, { chars }) => sum + chars, 1),
  cost: bounds.reduce((sum, { cost }) => sum + cost, 1),
})

function boundAll(parts: readonly (Expr | undefined)[], known: Bounds): Bound {
  return add(parts.map(part => boundOf(part, known)))
}

/** What these make is a number, an instant, or whether something is so. */
const SMALL = new Set([
  ...['_&&_', '_||_', '!_', '_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_', '@in', 'matches', 'contains', 'startsWith'],
  ...['endsWith', 'size', 'int', 'uint', 'double', 'bool', 'type', 'timestamp', 'duration', '@not_strictly_false'],
])
/** These do not read what they are given. */
const DEFERRING = new Set(['_&&_', '_||_', '!_', '_?_:_', '_[_]', '@not_strictly_false'])

// What any other call makes is no longer than all that it is given, and a number written out.
function boundCall(name: string, parts: readonly (Expr | undefined)[], known: Bounds): Bound {
  const given = boundAll(parts, known)
  const reading = DEFERRING.has(name) ? 0 : Math.ceil(given.chars / CHARS_A_STEP)
  const cost = given.cost + reading + (name === 'matches' ? PATTERN : 0)
  if (SMALL.has(name)) return { count: 0, chars: WRITTEN, cost }
  return { count: given.count, chars: given.chars * (name === 'bytes' ? 4 : 1) + WRITTEN, cost }
}

// What is gathered starts as nothing, so that a step's own bound is what one step adds to it.
function boundLoop(loop: Expr_Comprehension, known: Bounds): Bound {
  const range = boundOf(loop.iterRange, known)
  const start = boundOf(loop.accuInit, known)
  const element = { count: range.chars, chars: range.chars, cost: 1 }
  const within = new Map(known).set(loop.iterVar, element).set(loop.iterVar2, element)
  within.set(loop.accuVar, { count: 0, chars: 0, cost: 1 })
  const step = boundOf(loop.loopStep, within)
  const test = boundOf(loop.loopCondition, within)
  const end = boundOf(loop.result, within)
  const times = range.count
  return {
    count: start.count + times * Math.max(1, step.count),
    chars: start.chars + times * step.chars,
    cost: range.cost + start.cost + times * (step.cost + test.cost) + end.cost,
  }
}

function constant({ chars }: { chars: number }): Bound {
  return { count: chars, chars: chars + 1, cost: 1 }
}

function boundOf(expr: Expr | undefined, known: Bounds): Bound {
  const kind = expr?.exprKind
  switch (kind?.case) {
    case 'constExpr': {
      const { value } = kind.value.constantKind
      return constant({ chars: typeof value === 'string' ? value.length : WRITTEN })
    }
    case 'identExpr':
      return known.get(kind.value.name) ?? FACT
    case 'selectExpr': {
      const { chars, cost } = boundOf(kind.value.operand, known)
      return { count: chars, chars, cost: cost + 1 }
    }
    case 'callExpr': {
      const { function: name, target, args } = kind.value
      const all = boundCall(name, target ? [target, ...args] : args, known)
      return name === '_[_]' ? { ...all, count: all.chars } : all
    }
    case 'listExpr':
      return { ...boundAll(kind.value.elements, known), count: kind.value.elements.length }
    case 'structExpr': {
      const { entries } = kind.value
      const parts = entries.flatMap(({ keyKind, value }) => [
        keyKind.case === 'mapKey' ? keyKind.value : undefined,
        value,
      ])
      return { ...boundAll(parts, known), count: entries.length }
    }
    case 'comprehensionExpr':
      return boundLoop(kind.value, known)
    default:
      return { count: 0, chars: 0, cost: 1 }
  }
}

/**
 * The most steps that evaluating an expression can take, and the most characters that it can make, whatever a caller sends.
 * Known before it is run, since CEL has no loops but over what is there already.
 */
export function boundCost(expr: Expr): { steps: number; chars: number } {
  const { cost, chars } = boundOf(expr, new Map())
  return { steps: cost, chars }
}
