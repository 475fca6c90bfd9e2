import { deleteArchivedEvents, findFilesToEmpty, markEmptied } from '../../db/archive-manifest.ts'
import type { ArchiveFile } from '../../db/read-event-page.ts'
import { type Counts, countInTurn } from '../count-done.ts'
import type { ShardPorts } from '../ports.ts'
import { eventBatches } from './event-batches.ts'

/** The most files that one run takes the events of out of D1. */
const MAX_FILES = 3

async function emptyFile(file: ArchiveFile, ports: ShardPorts): Promise<void> {
  // By what is in the file, so that nothing goes that is not there.
  for await (const events of eventBatches(file, ports)) await deleteArchivedEvents(ports.events, file, events)
  await markEmptied(ports.events, file, ports.nowMs())
}

async function isEmptied(file: ArchiveFile, ports: ShardPorts): Promise<boolean> {
  try {
    await emptyFile(file, ports)
    return true
  } catch (error) {
    ports.log({ event: 'archive_failed', tenant_id: file.tenantId, object_key: file.objectKey, error: String(error) })
    return false
  }
}

/** Deletes events from D1 that are in the archive. Repeating it, or going on with it, changes nothing; counts are files. */
export async function emptyFiles(ports: ShardPorts): Promise<Counts> {
  const files = await findFilesToEmpty(ports.events, MAX_FILES)
  return countInTurn(files, file => isEmptied(file, ports))
}
