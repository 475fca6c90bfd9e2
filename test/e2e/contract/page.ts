import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import { seen } from './server.ts'

const PAGE = new URL('../../../docs/governance-api.md', import.meta.url)
const METHODS = /^(?:GET|POST|PUT|PATCH|DELETE)(?:, (?:GET|POST|PUT|PATCH|DELETE))*$/

/** One answer that the page has: of these methods at a path, a status with a text. */
type Row = { line: string; methods: string[]; path: RegExp; status: number; text: RegExp | undefined }

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)

function patternOf(text: string): RegExp {
  const parts = text.split(/…|\{\w+\}/).map(escaped)
  const gaps = [...text.matchAll(/…|\{\w+\}/g)].map(([gap]) => (gap === '…' ? '[^]*' : '[^/]+'))
  return new RegExp(`^${parts.map((part, index) => part + (gaps[index] ?? '')).join('')}$`)
}

function rowsOf(line: string): Row[] {
  const [, methods = '', paths = '', status = '', text = ''] = line.split(/(?<!\\)\|/).map(cell => cell.trim())
  if (!METHODS.test(methods)) return []
  const [told] = quoted(text)
  const of = {
    line,
    methods: methods.split(', '),
    status: Number(status),
    text: told === undefined ? undefined : patternOf(told),
  }
  return quoted(paths).map(path => ({ ...of, path: patternOf(path) }))
}

const isOf = (row: Row, one: (typeof seen)[number]) =>
  row.methods.includes(one.method) &&
  row.status === one.status &&
  row.path.test(one.path) &&
  (row.text?.test(one.message) ?? one.message === '')

/** Others than those of this API say what they answer elsewhere. */
const isGoverned = ({ path, status }: (typeof seen)[number]) =>
  /^\/api\/governance\/(?!complexity)/.test(path) || (status === 404 && /^\/api\/(?!mcp\/)/.test(path))

describe('docs/governance-api.md', () => {
  it('has each answer that was given here, and each of its rows was given, by each of its methods', ({ expect }) => {
    const rows = readFileSync(PAGE, 'utf8').split('\n').flatMap(rowsOf)
    expect(rows.length).toBeGreaterThan(200)
    const governed = seen.filter(isGoverned)
    const unsaid = governed.filter(one => !rows.some(row => isOf(row, one)))
    const lines = unsaid.map(({ method, path, status, message }) => `${method} ${path} ${status} ${message}`)
    expect([...new Set(lines)]).toEqual([])
    const ungiven = rows.flatMap(row =>
      row.methods.flatMap(method => {
        const of = governed.filter(one => one.method === method)
        return of.some(one => isOf(row, one))
          ? []
          : [`${method} ${row.path.source} ${row.status} ${row.text?.source ?? ''}`]
      }),
    )
    expect(ungiven).toEqual([])
  })
})
