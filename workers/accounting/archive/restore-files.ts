import {
  beginRestoring,
  findFilesToRestore,
  forgetArchiveFile,
  forgetGarbage,
  listArchiveGarbage,
} from '../../db/archive-restore.ts'
import { bookingStatements } from '../../db/insert-events.ts'
import type { ArchiveFile } from '../../db/read-event-page.ts'
import { type Counts, countInTurn } from '../count-done.ts'
import type { ShardPorts } from '../ports.ts'
import { eventBatches } from './event-batches.ts'

/** The most files that one run brings back, and objects that it takes away. */
const MAX_FILES = 3
const MAX_GARBAGE = 50

async function restoreFile(file: ArchiveFile, ports: ShardPorts): Promise<void> {
  for await (const events of eventBatches(file, ports)) {
    // An event that is there in a later revision stays as it is there.
    await ports.events.$client.batch(bookingStatements(ports.events, { tenantId: file.tenantId, events }))
  }
  await forgetArchiveFile(ports.events, file)
}

async function isRestored(file: ArchiveFile, ports: ShardPorts): Promise<boolean> {
  try {
    await restoreFile(file, ports)
    return true
  } catch (error) {
    ports.log({ event: 'restore_failed', tenant_id: file.tenantId, object_key: file.objectKey, error: String(error) })
    return false
  }
}

async function clearGarbage(ports: ShardPorts): Promise<void> {
  for (const object of await listArchiveGarbage(ports.events, MAX_GARBAGE)) {
    await ports.exports.store.delete(object.objectKey)
    await forgetGarbage(ports.events, object)
  }
}

/**
 * Brings days back into D1 of which something has changed, so that they are summed up and compared by all of their events; once
 * they are, they are archived anew. Repeating it, or going on with it, changes nothing; counts are files.
 */
export async function restoreFiles(ports: ShardPorts): Promise<Counts> {
  await beginRestoring(ports.events)
  const files = await findFilesToRestore(ports.events, MAX_FILES)
  const counts = await countInTurn(files, file => isRestored(file, ports))
  await clearGarbage(ports)
  return counts
}
