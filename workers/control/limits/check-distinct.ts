import type { LimitRows } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { limitsOf } from '../governance/limits-of.ts'

/** Refuses (409) two limits of one unit and one duration on the same scope, of which only the lower could ever bind. */
export function checkDistinct(rows: LimitRows): void {
  const names = limitsOf(rows).map(({ unit, window }) => `${unit} per ${window.duration}`)
  const repeated = names.find((name, index) => names.indexOf(name) < index)
  if (repeated === undefined) return
  throw new GatewayError('already_exists', `This scope has a limit of ${repeated} already: change that one.`)
}
