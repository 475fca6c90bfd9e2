import type { Figures } from './figures.ts'
import type { measureFanOut, measureOwner } from './measure.ts'

/** All of a run. `cases` are the same for every run of a seed; `owners` and the real times of `fanOuts` are this machine's. */
export type Run = {
  machine: { command: string; date: string; machine: string; versions: Record<string, string> }
  seconds: number
  cases: Figures[]
  owners: ReturnType<typeof measureOwner>[]
  fanOuts: ReturnType<typeof measureFanOut>[]
}
