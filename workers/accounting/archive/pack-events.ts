import { createHash } from 'node:crypto'
import type { RecordedEvent } from '../../core/usage.ts'
import type { FileSums } from './archive-file.ts'

/** A file as it will be stored, what a reader of it must find, and which events are in it. */
export type PackedFile = {
  bytes: Uint8Array
  sums: FileSums
  firstId: string
  lastId: string
  /** The sum of the events' revisions: another one where one of them is replaced. */
  revisions: number
}

/** Compresses events as they come, in the order of their ids: only what is compressed is in memory. `undefined`: there are none. */
export async function packEvents(pages: AsyncIterable<RecordedEvent[]>): Promise<PackedFile | undefined> {
  const gzip = new CompressionStream('gzip')
  const packed = new Response(gzip.readable).arrayBuffer()
  const writer = gzip.writable.getWriter()
  const hash = createHash('sha256')
  const utf8 = new TextEncoder()
  let [firstId, lastId] = ['', '']
  let [rowCount, costNano, revisions] = [0, 0, 0]
  for await (const events of pages) {
    const text = utf8.encode(events.map(event => `${JSON.stringify(event)}\n`).join(''))
    hash.update(text)
    await writer.write(text)
    for (const { cost_nano, revision } of events) {
      costNano += cost_nano
      revisions += revision
    }
    rowCount += events.length
    firstId ||= events[0]?.id ?? ''
    lastId = events.at(-1)?.id ?? lastId
  }
  await writer.close()
  const bytes = new Uint8Array(await packed)
  const sums = { rowCount, costNano, sha256: hash.digest('hex') }
  return rowCount === 0 ? undefined : { bytes, sums, firstId, lastId, revisions }
}
