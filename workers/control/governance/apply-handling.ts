import type { HandlingInput } from '../../contracts/virtual-key-input.ts'
import { DEFAULT_HANDLING, type KeyHandling, type KeyMeters } from '../../core/snapshot.ts'
import type { KeyRow } from '../../db/key-record.ts'
import { badParam } from '../http/query.ts'

/** The columns that say how a key's requests are held and settled, and by how many meters. */
export type Handling = Pick<
  KeyRow,
  'admissionMode' | 'expectedOutputTokens' | 'settlement' | 'meterRegions' | 'meterShards'
>

/** The columns of a key of which nothing is said. */
export const NEW_HANDLING: Handling = {
  admissionMode: DEFAULT_HANDLING.admission,
  expectedOutputTokens: DEFAULT_HANDLING.expectedOutputTokens,
  settlement: DEFAULT_HANDLING.settlement,
  meterRegions: null,
  meterShards: null,
}

function expectedTokens(input: HandlingInput, current: Handling, mode: Handling['admissionMode']): number | null {
  const { expected_output_tokens: asked } = input
  if (mode === 'expected') return asked === undefined ? current.expectedOutputTokens : asked
  if (typeof asked === 'number')
    throw badParam('expected_output_tokens', 'left out where admission_mode is not expected')
  return null
}

function covers(asked: KeyMeters | null, known: KeyMeters): boolean {
  if (!asked || asked.shards < known.shards) return false
  return known.regions === 'one' || asked.regions === 'per_continent'
}

// Changes are told to every meter that there is by this setting, so one that was left out would admit on what is revoked;
// and without any, what was spent of the key's limits would be left with budget objects that nobody asks.
function meters({ meter: asked }: HandlingInput, current: Handling) {
  const { meterRegions, meterShards } = current
  if (meterRegions === null || meterShards === null) {
    return { meterRegions: asked?.regions ?? null, meterShards: asked?.shards ?? null }
  }
  const known = { regions: meterRegions, shards: meterShards }
  if (asked === undefined) return { meterRegions, meterShards }
  if (asked && covers(asked, known)) return { meterRegions: asked.regions, meterShards: asked.shards }
  throw badParam(
    'meter',
    `at least what it was set to, ${JSON.stringify(known)}: shards only grow, and "one" may become "per_continent" but not the other way, since every meter that ever counted for this key goes on being told of its changes. An unused meter costs nothing`,
  )
}

/** A key's handling after a change: what the body does not name stays, `null` is the default. Throws `request_invalid`. */
export function applyHandling(current: Handling, input: HandlingInput): Handling {
  const { admission_mode = current.admissionMode, settlement = current.settlement } = input
  const admissionMode = admission_mode ?? DEFAULT_HANDLING.admission
  return {
    admissionMode,
    expectedOutputTokens: expectedTokens(input, current, admissionMode),
    settlement: settlement ?? DEFAULT_HANDLING.settlement,
    ...meters(input, current),
  }
}

/** What the snapshot says of it: nothing where all is as it is for every key. */
export function handlingOf(key: Handling): { handling?: KeyHandling; meters?: KeyMeters } {
  const { admissionMode: admission, expectedOutputTokens, settlement, meterRegions: regions, meterShards: shards } = key
  const isDefault = admission === DEFAULT_HANDLING.admission && settlement === DEFAULT_HANDLING.settlement
  return {
    ...(!isDefault && { handling: { admission, expectedOutputTokens, settlement } }),
    ...(regions !== null && shards !== null && { meters: { regions, shards } }),
  }
}

/** The same in the words of the API. */
export function renderHandling(key: Handling) {
  const { meterRegions: regions, meterShards: shards } = key
  return {
    admission_mode: key.admissionMode,
    expected_output_tokens: key.expectedOutputTokens,
    settlement: key.settlement,
    meter: regions === null ? null : { regions, shards },
  }
}
