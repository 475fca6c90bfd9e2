import type { BillableUsage } from '../../core/pricing/index.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'

// Pictures and sound are long, so that no event is parsed but the one that tells its end. Inside text the quotes are escaped.
const IS_LAST = /"type": ?"[\w.]+\.(?:completed|done)"/

/** Follows a stream of pictures, of sound or of a transcript: its last event tells what was used. */
export function usageEvents(readUsage: (body: unknown) => BillableUsage | undefined): StreamReader {
  let told: BillableUsage | undefined
  let hasEnded = false
  let events = 0
  return {
    read(data) {
      events += 1
      if (!IS_LAST.test(data)) return { isUsageOnly: false }
      hasEnded = true
      told = readUsage(parseEvent(data)) ?? told
      return { isUsageOnly: false }
    },
    usage: () => told && { usage: told, isWhole: true },
    // Whether there was any is all that can be said.
    countOutput: () => events,
    hasEnded: () => hasEnded,
    isOutputOver: () => false,
    cutOff: () => '',
  }
}
