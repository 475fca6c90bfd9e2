import type { BillableUsage } from '../core/pricing/index.ts'
import { OutputCounter, type ReadGenerated } from './output-counter.ts'

// What was searched, and which tier served it, may be told once and in any of them.
function carried({ units, serviceTier }: Partial<BillableUsage>, usage: BillableUsage): BillableUsage {
  return { ...(units && { units }), ...(serviceTier && { serviceTier }), ...usage }
}

/**
 * The last usage that a stream told, and our own count of the output that followed it: some vendors send a growing one in
 * every event, and what came after is not in it.
 */
export class LastUsage {
  readonly #read: ReadGenerated
  #last: { usage: BillableUsage; after: OutputCounter } | undefined

  constructor(read: ReadGenerated) {
    this.#read = read
  }

  /** Takes one event: its usage, where it has one. */
  hear(data: string, usage: BillableUsage | undefined): void {
    if (usage) this.#last = { usage: carried(this.#last?.usage ?? {}, usage), after: new OutputCounter(this.#read) }
    else this.#last?.after.add(data)
  }

  /** `isWhole`: nothing was generated after it was told. */
  told(): { usage: BillableUsage; isWhole: boolean } | undefined {
    if (!this.#last) return undefined
    const { usage, after } = this.#last
    const more = after.count()
    return { usage: { ...usage, outputTokens: usage.outputTokens + more }, isWhole: more === 0 }
  }
}
