import { appendFileSync, existsSync } from 'node:fs'
import { type Instance, Refused } from '../config/connect.ts'
import { Refusal } from '../config/problem.ts'
import { openProgress, type Progress, saveProgress } from './progress-file.ts'
import { type FileRecord, readRecords } from './read-records.ts'
import { reportOf } from './report-of.ts'
import type { LoadCommand } from './settings.ts'

/** A file that is being loaded. */
type Loading = { file: string; path: string; progress: Progress; command: LoadCommand; instance: Instance }

type Counts = Pick<Progress, 'created' | 'duplicates' | 'rejected'>

const NONE: Counts = { created: 0, duplicates: 0, rejected: 0 }
const plus = (a: Counts, b: Counts): Counts => ({
  created: a.created + b.created,
  duplicates: a.duplicates + b.duplicates,
  rejected: a.rejected + b.rejected,
})

function reject({ number, fields }: FileRecord, words: string, { file, command }: Loading): Counts {
  if (!command.skipsInvalid) {
    throw new Refusal(`${file}, record ${number}: ${words} (with --skip-invalid it is put aside.)`)
  }
  appendFileSync(`${file}.rejected.ndjson`, `${JSON.stringify({ number, reason: words, ...fields })}\n`)
  return { ...NONE, rejected: 1 }
}

// A request is taken whole or not at all: halves of it tell which records are wrong.
async function send(records: FileRecord[], loading: Loading): Promise<Counts> {
  const events = records.map(({ fields }) => reportOf(fields))
  try {
    const body = { events } as never
    const answer = await loading.instance.change({ method: 'POST', path: '/v1/events', body })
    return { created: answer.created, duplicates: answer.duplicates, rejected: 0 }
  } catch (thrown) {
    if (!(thrown instanceof Refused) || ![400, 409, 413].includes(thrown.status)) throw thrown
    const [first] = records
    if (records.length === 1 && first) return reject(first, thrown.message, loading)
    const middle = Math.ceil(records.length / 2)
    const before = await send(records.slice(0, middle), loading)
    return plus(before, await send(records.slice(middle), loading))
  }
}

// Reported anew they would be other events beside those that are there, and count twice.
async function checkNotHere([first]: FileRecord[], { file, instance }: Loading): Promise<void> {
  const id = first?.fields.id
  if (typeof id !== 'string') return
  const found = await instance.get(`/v1/events/${encodeURIComponent(id)}`).catch(thrown => {
    if (thrown instanceof Refused && thrown.status === 404) return undefined
    throw thrown
  })
  if (!found) return
  throw new Refusal(`${file}, record ${first?.number}: ${id} is an event of this very tenant, and would count twice.`)
}

async function sendBatch(records: FileRecord[], loading: Loading): Promise<void> {
  await checkNotHere(records, loading)
  const counts = await send(records, loading)
  const done = records.at(-1)?.number ?? loading.progress.done
  loading.progress = { ...loading.progress, ...plus(loading.progress, counts), done }
  saveProgress(loading.path, loading.progress)
  if (process.stderr.isTTY) process.stderr.write(`\r${loading.file}: ${done}`)
}

async function loadFile(loading: Loading): Promise<void> {
  const { file, command } = loading
  let batch: FileRecord[] = []
  for await (const record of readRecords(file, loading.progress.done)) {
    batch.push(record)
    if (batch.length < command.batch) continue
    await sendBatch(batch, loading)
    batch = []
  }
  if (batch.length > 0) await sendBatch(batch, loading)
  const { done, created, duplicates, rejected } = loading.progress
  const aside = rejected > 0 ? `, ${rejected} put aside in ${file}.rejected.ndjson` : ''
  console.error(`${file}: ${done} records, ${created} new events, ${duplicates} that were there${aside}.`)
}

/**
 * Reports the events of files. How far each is, is kept beside it: whoever is killed goes on there, and what is sent twice is booked
 * once, by its `external_id` and time.
 */
export async function loadFiles(command: LoadCommand, instance: Instance): Promise<void> {
  const missing = command.files.find(file => !existsSync(file))
  if (missing) throw new Refusal(`There is no ${missing}.`)
  for (const file of command.files) {
    const path = command.progress ?? `${file}.backfill.json`
    await loadFile({ file, path, progress: openProgress(path, file, command.target.url), command, instance })
  }
}
