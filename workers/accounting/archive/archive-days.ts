import type { RecordedEvent } from '../../core/usage.ts'
import { findDaysToArchive, idsOfDay, listHotEvents, type TenantDay } from '../../db/archive-day.ts'
import { beginArchiveFile, confirmArchiveFile } from '../../db/archive-manifest.ts'
import { retentionPages } from '../../db/list-retentions.ts'
import type { ArchiveFile } from '../../db/read-event-page.ts'
import { sealDay } from '../../db/seal-day.ts'
import { type Counts, countInTurn } from '../count-done.ts'
import type { ShardPorts } from '../ports.ts'
import { tryPackDay } from '../segments/pack-day.ts'
import { sumFile } from './archive-file.ts'
import { type PackedFile, packEvents } from './pack-events.ts'

/** The most days that one run takes a file of. */
const MAX_DAYS = 3
const PAGE = 1000

async function* hotPages(
  { tenantId, dayMs }: TenantDay,
  { events, archive }: ShardPorts,
): AsyncGenerator<RecordedEvent[]> {
  const { after: start, before } = idsOfDay(dayMs)
  let after = start
  for (let left = archive.fileRows; left > 0; left -= PAGE) {
    const limit = Math.min(PAGE, left)
    const page = await listHotEvents(events, { tenantId, after, before, limit })
    if (page.length > 0) yield page
    if (page.length < limit) return
    after = page.at(-1)?.id ?? before
  }
}

function fileOf({ tenantId, dayMs }: TenantDay, packed: PackedFile, ports: ShardPorts): ArchiveFile {
  const day = new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '/')
  return {
    ...{ tenantId, dayMs, firstId: packed.firstId, lastId: packed.lastId, state: 'writing', ...packed.sums },
    // A name of its own: what takes a file away can never mean another one.
    objectKey: `archive/${tenantId}/${day}.${ports.exports.newId()}.ndjson.gz`,
    ...{ bytes: packed.bytes.length, etag: null, archivedMs: ports.nowMs(), emptiedMs: null },
  }
}

async function archiveDay(day: TenantDay, ports: ShardPorts): Promise<boolean> {
  await sealDay(ports.events, day)
  // While its events are here: afterwards its segment tells what sums do not.
  await tryPackDay(day, ports)
  const packed = await packEvents(hotPages(day, ports))
  if (!packed) return false
  const file = fileOf(day, packed, ports)
  await beginArchiveFile(ports.events, file)
  const stored = await ports.exports.store.put(file.objectKey, packed.bytes)
  const found = await sumFile(ports.exports.store, file)
  const { rowCount, costNano, sha256 } = packed.sums
  const isWhole =
    stored !== null && found.rowCount === rowCount && found.costNano === costNano && found.sha256 === sha256
  if (!isWhole) throw new Error(`not what was written: ${file.objectKey}`)
  return confirmArchiveFile(ports.events, file, { etag: stored.etag, revisions: packed.revisions })
}

async function isArchived(day: TenantDay, ports: ShardPorts): Promise<boolean> {
  try {
    return await archiveDay(day, ports)
  } catch (error) {
    ports.log({ event: 'archive_failed', tenant_id: day.tenantId, day_ms: day.dayMs, error: String(error) })
    return false
  }
}

async function daysToArchive({ db, events, shard, archive, nowMs }: ShardPorts): Promise<TenantDay[]> {
  const { retentionDays } = archive
  const days: TenantDay[] = []
  for await (const tenants of retentionPages(db, shard)) {
    const limit = MAX_DAYS - days.length
    days.push(...(await findDaysToArchive(events, { tenants, nowMs: nowMs(), retentionDays, limit })))
    if (days.length >= MAX_DAYS) break
  }
  return days
}

/**
 * Writes a file of each of some days that are too old for D1, and reads it back. Nothing is deleted here. Killed anywhere, it
 * leaves at most a file that the next run throws away; counts are files.
 */
export async function archiveDays(ports: ShardPorts): Promise<Counts> {
  const days = await daysToArchive(ports)
  return countInTurn(days, day => isArchived(day, ports))
}
