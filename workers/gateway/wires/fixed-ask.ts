import type { FormatName } from '../../formats/format-name.ts'
import type { Ask, FixedUse } from '../ask.ts'
import type { Incoming } from './wire.ts'

/** What a wire of no conversation has read of a request. */
export type FixedRead = {
  format: FormatName
  model: string
  isStream?: boolean
  isSound?: boolean
  fixed: FixedUse
}

/** The ask of a request that is no conversation. */
export function fixedAsk({ raw, bytes, form }: Incoming, { isStream = false, ...read }: FixedRead): Ask {
  return {
    ...read,
    raw,
    bytes,
    isStream,
    choices: 1,
    outputCap: 0,
    beyondCap: 0,
    hasMedia: false,
    mayWrite1h: false,
    forwards: [],
    keepsUsage: true,
    ...(form && { form }),
  }
}
