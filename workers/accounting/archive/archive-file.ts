import { createHash } from 'node:crypto'
import type { RecordedEvent } from '../../core/usage.ts'
import type { ArchiveFile } from '../../db/read-event-page.ts'
import type { ObjectStore } from '../exports/export-ports.ts'

/** What a file of events says of itself: what has to be the same when it is read back. */
export type FileSums = { rowCount: number; costNano: number; sha256: string }

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const text = body.pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream())
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') throw new Error('a file of the archive ends within a line')
}

async function openFile(store: ObjectStore, { objectKey }: Pick<ArchiveFile, 'objectKey'>): Promise<ReadableStream> {
  const object = await store.get(objectKey)
  if (!object) throw new Error(`not in the archive: ${objectKey}`)
  return object.body
}

/** The events of a file, in its order. Throws where it is gone or cannot be read. */
export async function* readArchiveFile(
  store: ObjectStore,
  file: Pick<ArchiveFile, 'objectKey'>,
): AsyncGenerator<RecordedEvent> {
  for await (const line of linesOf(await openFile(store, file))) yield JSON.parse(line)
}

/** Sums a file up as it is stored: what its manifest is held against. */
export async function sumFile(store: ObjectStore, file: Pick<ArchiveFile, 'objectKey'>): Promise<FileSums> {
  const hash = createHash('sha256')
  const sums = { rowCount: 0, costNano: 0 }
  for await (const line of linesOf(await openFile(store, file))) {
    hash.update(`${line}\n`)
    sums.rowCount += 1
    sums.costNano += (JSON.parse(line) as RecordedEvent).cost_nano
  }
  return { ...sums, sha256: hash.digest('hex') }
}
