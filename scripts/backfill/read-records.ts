import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { Refusal } from '../config/problem.ts'
import { csvRecords } from './csv-records.ts'

/** A record of a file, under the names that it has there, and which one it is: the first is 1. */
export type FileRecord = { number: number; fields: Record<string, unknown> }

function openText(file: string) {
  const bytes = createReadStream(file)
  const plain = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  // What goes wrong with the file has to reach whoever reads what comes out of it.
  bytes.on('error', error => plain.destroy(error))
  return plain.setEncoding('utf8')
}

function parsedLine(line: string, number: number, file: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(line)
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
      return fields as Record<string, unknown>
  } catch {}
  throw new Refusal(`${file}, record ${number}: not a JSON object.`)
}

function linesOf(file: string) {
  return createInterface({ input: openText(file), crlfDelay: Number.POSITIVE_INFINITY })
}

async function* jsonRecords(file: string): AsyncGenerator<Record<string, unknown>> {
  let number = 0
  for await (const line of linesOf(file)) {
    if (line.trim() === '') continue
    number += 1
    yield parsedLine(line, number, file)
  }
}

function recordsOf(file: string): AsyncIterable<Record<string, unknown>> {
  const name = file.replace(/\.gz$/, '')
  if (name.endsWith('.csv')) return csvRecords(linesOf(file))
  if (/\.(ndjson|jsonl)$/.test(name)) return jsonRecords(file)
  throw new Refusal(`${file}: only .ndjson, .jsonl and .csv are read, also with .gz.`)
}

/** The records of a file from the one after `after` on; so much of it is in memory as is read at once. */
export async function* readRecords(file: string, after: number): AsyncGenerator<FileRecord> {
  let number = 0
  for await (const fields of recordsOf(file)) {
    number += 1
    if (number > after) yield { number, fields }
  }
}
