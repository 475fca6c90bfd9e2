// Whether a second run says what the first one did, within what the first one stated.
import { tablesOf } from './figures.mjs'
import { isWithin } from './statistics.mjs'

// In the bare proxy's, of the same round: a shared machine is a fifth slower a quarter of an hour later, and all with it.
const SHOWN = {
  'json-1': ['ofBare', 'inBare.p50', 'inBare.p95', 'inBare.p99'],
  'json-32': ['ofBare', 'ofPortkey', 'inBare.cpuMs'],
  'json-128': ['ofBare'],
  'stream-32-60ms': ['inBare.first50'],
  'stream-128': ['ofBare'],
}

const pick = (figures, path) => path.split('.').reduce((value, name) => value?.[name], figures)

/** Every figure of the main table that both runs have, as a ratio in one run. */
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
