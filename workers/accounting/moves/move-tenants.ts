import type { EventsDb } from '../../db/database.ts'
import { claimMoves, releaseMove, type TenantMove } from '../../db/move/tenant-move.ts'
import { type Counts, countAtOnce } from '../count-done.ts'
import type { AccountingPorts } from '../ports.ts'
import { moveStep } from './move-step.ts'

/** How long one run goes on with a move. */
const RUN_MS = 20_000
/** Until when nobody else does: no statement of a run that was stopped is still running then. */
const LEASE_MS = 120_000

function placeOf(number: number, { shards }: AccountingPorts): EventsDb {
  const shard = shards.find(one => one.number === number)
  if (!shard) throw new Error(`there is no shard ${number}`)
  return shard.events
}

async function goOn(claimed: TenantMove, ports: AccountingPorts): Promise<void> {
  const places = { from: placeOf(claimed.source, ports), to: placeOf(claimed.target, ports) }
  const untilMs = ports.nowMs() + RUN_MS
  let move: TenantMove | undefined = claimed
  while (move && ports.nowMs() < untilMs) move = await moveStep({ ...places, move, ports })
  await releaseMove(ports.db, claimed)
}

async function isMovedOn(move: TenantMove, ports: AccountingPorts): Promise<boolean> {
  try {
    await goOn(move, ports)
    return true
  } catch (error) {
    // Its lease is left to end: what was being written when it failed may still come.
    ports.log({ event: 'move_failed', tenant_id: move.tenantId, state: move.state, error: String(error) })
    return false
  }
}

/** Goes on with the moves of tenants from one database of events to another. What is left is done next time; counts are moves. */
export async function moveTenants(ports: AccountingPorts): Promise<Counts> {
  const nowMs = ports.nowMs()
  const owner = ports.exports.newId()
  const moves = await claimMoves(ports.db, { owner, nowMs, untilMs: nowMs + LEASE_MS })
  return countAtOnce(moves, move => isMovedOn(move, ports))
}
