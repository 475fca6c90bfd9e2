import { celList, celMap, celUint, isCelError, isCelList, isCelMap, isCelType, isCelUint } from '@bufbuild/cel'
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js'
import { getConformanceSuite, type IncrementalTest } from '@bufbuild/cel-spec/testdata/tests.js'
import { describe, it } from 'vitest'
import { compileExpression } from '../../workers/core/rules/compile-expression.ts'

// The suite of google/cel-spec as @bufbuild/cel-spec has it. What Weir's rules do not have is left out: messages of
// Protocol Buffers (and with them containers), and the functions of extensions.
const LEFT_OUT = /^(proto2|proto3|proto2_ext|dynamic|enums|wrappers|optionals|unknowns|macros2)$|_ext$/

type Case = IncrementalTest & { suite: string }

/** What @bufbuild/cel does not do: names of fields in backticks, and a key that a map has both as int and as uint. */
const KNOWN = [
  ...['access_slash', 'access_dash', 'access_dot'].map(name => `fields/field_${name}`),
  ...['slash', 'dash', 'dot'].map(name => `fields/has_field_${name}`),
  'fields/map_value_repeat_key_heterogeneous',
]

function toCel(value: Value | undefined): never {
  const kind = value?.kind
  switch (kind?.case) {
    case 'nullValue':
      return null as never
    case 'uint64Value':
      return celUint(kind.value) as never
    case 'boolValue':
    case 'int64Value':
    case 'doubleValue':
    case 'stringValue':
    case 'bytesValue':
      return kind.value as never
    case 'listValue':
      return celList(kind.value.values.map(toCel)) as never
    case 'mapValue':
      return celMap(new Map(kind.value.entries.map(({ key, value: one }) => [toCel(key), toCel(one)]))) as never
    default:
      throw new Error(`not plain: ${kind?.case}`)
  }
}

/** A value written so that equal ones are written alike. */
function written(value: unknown): string {
  if (isCelUint(value)) return `${value.value}u`
  if (isCelList(value)) return `[${[...value].map(written).join()}]`
  if (isCelMap(value)) {
    return `{${[...value]
      .map(([key, one]) => `${written(key)}:${written(one)}`)
      .sort()
      .join()}}`
  }
  if (isCelType(value)) return `type ${value.name}`
  if (value instanceof Uint8Array) return `b${[...value].join()}`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : `${value}d`
  return typeof value === 'bigint' ? `${value}` : JSON.stringify(value)
}

function isOurs({ suite, original }: Case): boolean {
  const { container, typeEnv, bindings, disableMacros, checkOnly, resultMatcher } = original
  const isPlain = !container && !disableMacros && !checkOnly && resultMatcher.case !== 'typedResult'
  if (LEFT_OUT.test(suite) || !isPlain || /google\.protobuf|TestAllTypes/.test(original.expr)) return false
  try {
    for (const { kind } of Object.values(bindings)) if (kind.case === 'value') toCel(kind.value)
    if (resultMatcher.case === 'value') expected(resultMatcher.value)
    return !typeEnv.some(({ declKind }) => declKind.case === 'function')
  } catch {
    return false
  }
}

function expected(value: Value): string {
  return value.kind.case === 'typeValue' ? `type ${value.kind.value}` : written(toCel(value))
}

function passes({ original }: Case): boolean {
  const compiled = compileExpression(original.expr)
  const { resultMatcher, bindings } = original
  const isRefusal = resultMatcher.case === 'evalError' || resultMatcher.case === 'anyEvalErrors'
  if (!compiled.ok) return isRefusal
  const given = Object.entries(bindings).map(([name, { kind }]) => [name, kind.case === 'value' && toCel(kind.value)])
  const result = compiled.run(Object.fromEntries(given))
  if (isCelError(result) || isRefusal) return isCelError(result) && isRefusal
  return written(result) === (resultMatcher.case === 'value' ? expected(resultMatcher.value) : 'true')
}

describe('the conformance suite of CEL', () => {
  it('passes through the compiler of rules, but for what is known', ({ expect }) => {
    const all = getConformanceSuite().suites.flatMap(({ name: suite, suites }) =>
      suites.flatMap(({ tests }) => tests.map((test): Case => ({ ...test, suite }))),
    )
    const ours = all.filter(isOurs)
    const failed = ours.filter(test => !passes(test)).map(({ suite, name }) => `${suite}/${name}`)
    // biome-ignore lint/suspicious/noConsole: how many of how many is what this run is for
    console.log(`CEL conformance: ${ours.length - failed.length} of ${ours.length} (${all.length} in the suite)`)
    expect(failed).toEqual(KNOWN)
    expect(ours.length).toBe(1076)
  })
})
