import { mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IN_MEMORY = '/dev/shm'
/** Some ten times what a run of all tests has there at once. */
const ROOM_BYTES = 1024 ** 3

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
