import { stripTypeScriptTypes } from 'node:module'
import type { Expression, Node, ObjectExpression, Program, Property } from 'acorn'
import { parse, parseExpressionAt } from 'acorn'
import type { Path, Problem } from './problem.ts'

/** A line and a column of a text, both from 1. */
export type Place = { line: number; column: number }

/** Where the parts of a file are, and the fields that it names twice. */
export type Places = { placeOf(path: Path): Place; repeated: Problem[] }

const OPTIONS = { ecmaVersion: 'latest', sourceType: 'module', locations: true } as const

function placeOfNode(node: Node): Place {
  const { line = 1, column = 0 } = node.loc?.start ?? {}
  return { line, column: column + 1 }
}

function nameOf({ key }: Property): string | undefined {
  if (key.type === 'Identifier') return key.name
  return key.type === 'Literal' ? String(key.value) : undefined
}

// Of two the last, which is the one that counts.
function propertyOf(node: ObjectExpression, name: PropertyKey): Property | undefined {
  return node.properties.findLast(
    (property): property is Property => property.type === 'Property' && nameOf(property) === name,
  )
}

function constants(program: Program): Map<string, Expression> {
  const all = program.body.flatMap(one => (one.type === 'ExportNamedDeclaration' ? (one.declaration ?? []) : one))
  const declarations = all.flatMap(one => (one.type === 'VariableDeclaration' ? one.declarations : []))
  return new Map(
    declarations.flatMap(({ id, init }) => (id.type === 'Identifier' && init ? [[id.name, init] as const] : [])),
  )
}

/** The tree of a file, and what its names stand for. */
type Tree = { root: Node; names: Map<string, Expression> }

// A call is taken for what it is given: `defineConfig({ ... })`.
function resolve(node: Node, names: Tree['names'], depth = 0): Node {
  const one = node as Expression
  if (depth > 9) return node
  if (one.type === 'Identifier') return resolve(names.get(one.name) ?? node, depth === 9 ? new Map() : names, depth + 1)
  if (one.type === 'CallExpression') return one.arguments[0] ? resolve(one.arguments[0], names, depth + 1) : node
  return node
}

function moduleTree(text: string): Tree {
  const program = parse(stripTypeScriptTypes(text, { mode: 'strip' }), OPTIONS)
  const exported = program.body.find(one => one.type === 'ExportDefaultDeclaration')
  return { root: exported ? exported.declaration : program, names: constants(program) }
}

// What a part stands in where it is made by code: the nearest that is written there.
function find({ root, names }: Tree, path: Path): Node {
  let [node, at] = [resolve(root, names), root]
  for (const part of path) {
    const one = node as Expression
    const property = one.type === 'ObjectExpression' ? propertyOf(one, part) : undefined
    const element = one.type === 'ArrayExpression' ? one.elements[Number(part)] : undefined
    if (!property && !element) return at
    at = property ?? element ?? at
    node = resolve(property ? property.value : at, names)
  }
  return at
}

function repeatedIn(node: Node, path: Path): Problem[] {
  const one = node as Expression
  if (one.type === 'ArrayExpression') {
    return one.elements.flatMap((element, index) => (element ? repeatedIn(element, [...path, index]) : []))
  }
  if (one.type !== 'ObjectExpression') return []
  const properties = one.properties.filter(property => property.type === 'Property')
  const seen = new Set<string>()
  return properties.flatMap(property => {
    const name = nameOf(property) ?? ''
    const own = [...path, name]
    const twice = seen.has(name) ? [{ path: own, message: 'is named twice: only one of them can count' }] : []
    seen.add(name)
    return [...twice, ...repeatedIn(property.value, own)]
  })
}

/** Where a text that is not JSON stops being any, if that can be told. */
export function flawOf(text: string): Place | undefined {
  try {
    parseExpressionAt(text, 0, OPTIONS)
    return undefined
  } catch (thrown) {
    const { loc } = thrown as { loc?: { line: number; column: number } }
    return loc && { line: loc.line, column: loc.column + 1 }
  }
}

/** Where the parts of a JSON text, or of what a TypeScript module exports by default, are. Throws where it is neither. */
export function locate(text: string, language: 'json' | 'ts'): Places {
  const tree =
    language === 'ts'
      ? moduleTree(text)
      : { root: parseExpressionAt(text, 0, OPTIONS), names: new Map<string, Expression>() }
  const start = resolve(tree.root, tree.names)
  return { placeOf: path => placeOfNode(find(tree, path)), repeated: repeatedIn(start, []) }
}
