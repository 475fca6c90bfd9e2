import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js'

const MAPS = ['headers', 'params']

function isMap(expr: Expr | undefined): boolean {
  return expr?.exprKind.case === 'identExpr' && MAPS.includes(expr.exprKind.value.name)
}

function lowerText(expr: Expr | undefined): void {
  if (expr?.exprKind.case !== 'constExpr') return
  const { constantKind } = expr.exprKind.value
  if (constantKind.case === 'stringValue') constantKind.value = constantKind.value.toLowerCase()
}

function childrenOf({ exprKind: kind }: Expr): (Expr | undefined)[] {
  switch (kind.case) {
    case 'selectExpr':
      return [kind.value.operand]
    case 'callExpr':
      return [kind.value.target, ...kind.value.args]
    case 'listExpr':
      return kind.value.elements
    case 'structExpr':
      return kind.value.entries.flatMap(({ keyKind, value }) => [
        keyKind.case === 'mapKey' ? keyKind.value : undefined,
        value,
      ])
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = kind.value
      return [iterRange, accuInit, loopCondition, loopStep, result]
    }
    default:
      return []
  }
}

/**
 * Writes in lower case, in place, what an expression names of `headers` and `params`, whose names are: `headers["X-Tier"]`,
 * `headers.Tier` and `"X-Tier" in headers` mean what they say (governance contract, section 3).
 */
export function lowerKeys(expr: Expr | undefined): void {
  if (!expr) return
  const { exprKind: kind } = expr
  if (kind.case === 'selectExpr' && isMap(kind.value.operand)) kind.value.field = kind.value.field.toLowerCase()
  if (kind.case === 'callExpr') {
    const [first, second] = kind.value.args
    if (kind.value.function === '_[_]' && isMap(first)) lowerText(second)
    if (kind.value.function === '@in' && isMap(second)) lowerText(first)
  }
  for (const child of childrenOf(expr)) lowerKeys(child)
}
