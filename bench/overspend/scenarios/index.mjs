import { scenario as parallelBurst } from './01-parallel-burst.mjs'
import { scenario as twoLevels } from './02-two-levels.mjs'
import { scenario as clientAbort } from './03-client-abort.mjs'
import { scenario as noUsage } from './04-no-usage.mjs'
import { scenario as malformedUsage } from './05-malformed-usage.mjs'
import { scenario as duplicates } from './06-duplicates.mjs'
import { scenario as kill } from './07-kill.mjs'
import { scenario as windowEdge } from './08-window-edge.mjs'
import { scenario as limitLowered } from './09-limit-lowered.mjs'
import { scenario as partialOutput } from './10-partial-output.mjs'
import { scenario as mixedSizes } from './11-mixed-sizes.mjs'
import { scenario as expectedHolds } from './12-expected-holds.mjs'

export const SCENARIOS = [
  parallelBurst,
  twoLevels,
  clientAbort,
  noUsage,
  malformedUsage,
  duplicates,
  kill,
  windowEdge,
  limitLowered,
  partialOutput,
  mixedSizes,
  expectedHolds,
]
