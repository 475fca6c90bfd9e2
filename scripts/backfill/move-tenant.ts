import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, Refused } from '../config/connect.ts'
import { Refusal } from '../config/problem.ts'
import type { MoveCommand } from './settings.ts'

const LOOK_MS = 5000

type Move = { from: number; to: number; state: string; since: string; rows_copied: number; rows_moved: number }
type Place = { shard: number; move: Move | null }

const WORDS: Record<string, string> = {
  marking: 'begins within a minute',
  pausing: 'waits for what was begun before: a quarter of an hour',
  copying: 'copies',
  settling: 'is at its new place, and waits until nobody writes to the old one: three minutes',
  emptying: 'moves what came meanwhile, and empties the old place',
}

function describe({ from, to, state, rows_copied, rows_moved }: Move): string {
  return `from shard ${from} to ${to}: ${WORDS[state] ?? state} (${rows_copied} rows copied, ${rows_moved} moved)`
}

async function begin({ to }: MoveCommand, path: string, instance: Instance): Promise<Place> {
  try {
    return (await instance.change({ method: 'PUT', path, body: { shard: to } })).data
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    const { data } = (await instance.get(path)) as { data: Place }
    // Whoever was killed while it waited, waits on.
    if (data.move?.to === to) return data
    throw new Refusal(thrown.message)
  }
}

/** Has a tenant's events moved to another database and, unless told otherwise, waits until they are. */
export async function moveTenant(command: MoveCommand, instance: Instance): Promise<void> {
  const path = `/v1/admin/tenants/${encodeURIComponent(command.tenant)}/shard`
  let seen = ''
  for (let place = await begin(command, path, instance); place.move; place = (await instance.get(path)).data) {
    const words = describe(place.move)
    if (words !== seen) console.error(words)
    seen = words
    if (!command.waits) return
    await sleep(LOOK_MS)
  }
  console.error(`The events of ${command.tenant} are on shard ${command.to}.`)
}
