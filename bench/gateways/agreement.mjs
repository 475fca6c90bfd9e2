// Whether a second run says what the first one did, within what the first one stated.
import { tablesOf } from './figures.mjs'
import { isWithin } from './statistics.mjs'

const SHOWN = {
  'json-1': ['rps', 'added.p50', 'added.p95', 'added.p99'],
  'json-32': ['rps', 'ofBare', 'ofPortkey', 'cpuMs'],
  'json-128': ['rps'],
  'stream-32-60ms': ['added.first50'],
  'stream-128': ['rps'],
}

const pick = (figures, path) => path.split('.').reduce((value, name) => value?.[name], figures)

/** Every figure of the main table that both runs have. */
export function compareRuns(first, second) {
  const [tables, others] = [tablesOf(first), tablesOf(second)]
  const all = Object.entries(SHOWN).flatMap(([cell, paths]) =>
    Object.keys(tables[cell] ?? {}).flatMap(subject =>
      paths.map(path => ({
        name: `${subject}, ${cell}, ${path}`,
        first: pick(tables[cell][subject], path),
        second: pick(others[cell]?.[subject], path),
      })),
    ),
  )
  return all.filter(one => one.first && one.second).map(one => ({ ...one, agrees: isWithin(one.first, one.second) }))
}

const shown = value => value.toPrecision(4)

/** What a comparison comes to, in lines for the terminal. */
export function agreementLines(compared) {
  const apart = compared.filter(({ agrees }) => !agrees)
  const lines = apart.map(
    ({ name, first, second }) =>
      `  ${name}: ${shown(first.median)} ± ${shown(first.within)}, then ${shown(second.median)}`,
  )
  return [
    `${compared.length - apart.length} of ${compared.length} figures lie within what the first run stated`,
    ...lines,
  ]
}
