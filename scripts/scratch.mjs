import { mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IN_MEMORY = '/dev/shm'
/** What a run of all tests leaves there at once, four times over. */
const ROOM_BYTES = 4 * 1024 ** 3

// Every write to an object or to D1 waits for the disk, where there is one.
function roomiest() {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return bavail * bsize >= ROOM_BYTES ? IN_MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** A new directory for what a run may forget: in memory, where the machine has enough of it. The caller removes it. */
export function makeScratch(prefix) {
  return mkdtempSync(join(roomiest(), prefix))
}
