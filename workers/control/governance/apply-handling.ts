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

// What was spent of the key's limits is with budget objects from the first time on, and would be forgotten.
function meters({ meter: asked }: HandlingInput, current: Handling) {
  const { meterRegions, meterShards } = current
  if (asked) return { meterRegions: asked.regions, meterShards: asked.shards }
  if (asked === null && meterRegions !== null) {
    throw badParam(
      'meter',
      'an object, since it was set once: to have one meter again set {"regions":"one","shards":1}',
    )
  }
  return { meterRegions, meterShards }
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
