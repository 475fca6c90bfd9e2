import { SUM_NAMES, type SumName } from './sums.ts'

const PACKED = ['provider', 'model', ...SUM_NAMES]

/** The sums of a provider and model, of which there is one row, as one text; in the order in which `fromPacked` reads them. */
export const PACK = `json_array(${PACKED.join(', ')})`

/** A name or sum of what `json_each(by_model) AS packed` has. */
export function fromPacked(name: SumName | 'provider' | 'model'): string {
  return `(packed.value ->> ${PACKED.indexOf(name)})`
}
