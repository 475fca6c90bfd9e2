import type { ShardPorts } from '../ports.ts'
import { archiveDays } from './archive-days.ts'
import { emptyFiles } from './empty-files.ts'
import { restoreFiles } from './restore-files.ts'

/** Moves old events out of D1 and, where something of them changes, back. In this order, one after the other; counts are files. */
export async function keepArchive(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const results = []
  for (const task of [restoreFiles, archiveDays, emptyFiles]) results.push(await task(ports))
  return {
    done: results.reduce((sum, one) => sum + one.done, 0),
    failed: results.reduce((sum, one) => sum + one.failed, 0),
  }
}
