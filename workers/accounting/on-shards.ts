import type { Shard } from '../db/shards.ts'
import type { AccountingPorts, ShardPorts } from './ports.ts'

type Counts = { done: number; failed: number }
type ShardTask = (ports: ShardPorts) => Promise<Counts>

async function settleInTurn(all: readonly Shard[], run: (shard: Shard) => Promise<Counts>) {
  const settled: PromiseSettledResult<Counts>[] = []
  for (const shard of all) settled.push(...(await Promise.allSettled([run(shard)])))
  return settled
}

/**
 * Does something in each database of events; one that fails keeps no other from it, and then it throws what the first of them threw.
 * Counts are those of all.
 */
export async function onShards(ports: AccountingPorts, task: ShardTask, { inTurn = false } = {}): Promise<Counts> {
  const run = ({ number: shard, events }: Shard) => task({ ...ports, shard, events })
  const settled = inTurn
    ? await settleInTurn(ports.shards, run)
    : await Promise.allSettled(ports.shards.map(shard => run(shard)))
  for (const [index, one] of settled.entries()) {
    if (one.status === 'rejected' && settled.length > 1) {
      ports.log({ event: 'shard_failed', shard: ports.shards[index]?.number, error: String(one.reason) })
    }
  }
  const failed = settled.find(one => one.status === 'rejected')
  if (failed) throw failed.reason
  const counts = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  const sumOf = (name: keyof Counts) => counts.reduce((sum, one) => sum + one[name], 0)
  return { done: sumOf('done'), failed: sumOf('failed') }
}
