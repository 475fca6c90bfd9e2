import type { RecordedEvent } from '../../core/usage.ts'
import type { ArchiveFile } from '../../db/read-event-page.ts'
import type { AccountingPorts } from '../ports.ts'
import { readArchiveFile } from './archive-file.ts'

/** How many events one statement is of: with their tags they are less than the two million bytes that D1 takes. */
const BATCH = 250

/** The events of a file, so many at a time. Throws where it does not have as many as were written. */
export async function* eventBatches(file: ArchiveFile, { exports }: AccountingPorts): AsyncGenerator<RecordedEvent[]> {
  let batch: RecordedEvent[] = []
  let count = 0
  for await (const event of readArchiveFile(exports.store, file)) {
    batch.push(event)
    count += 1
    if (batch.length === BATCH) {
      yield batch
      batch = []
    }
  }
  if (count !== file.rowCount) throw new Error(`${count} of ${file.rowCount} events: ${file.objectKey}`)
  if (batch.length > 0) yield batch
}
