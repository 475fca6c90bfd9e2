const JSON_CELL = { isStream: false, delayMs: 0, bytes: 200 }
const STREAM_CELL = { isStream: true, delayMs: 0, bytes: 200 }

/** What is asked of every subject. `isMain`: in the table that everybody reads, and in all rounds; others have three of five. */
export const CELLS = [
  { id: 'json-1', ...JSON_CELL, connections: 1, isMain: true },
  { id: 'json-32', ...JSON_CELL, connections: 32, isMain: true },
  { id: 'json-128', ...JSON_CELL, connections: 128, isMain: true },
  { id: 'json-32-60ms', ...JSON_CELL, connections: 32, delayMs: 60 },
  { id: 'json-32-10kb', ...JSON_CELL, connections: 32, bytes: 10_000 },
  { id: 'json-32-50kb', ...JSON_CELL, connections: 32, bytes: 50_000 },
  { id: 'stream-32-60ms', ...STREAM_CELL, connections: 32, delayMs: 60, isMain: true },
  { id: 'stream-128', ...STREAM_CELL, connections: 128, isMain: true },
]

/** How often a cell is run. */
export function roundsOf(cell, rounds) {
  return cell.isMain ? rounds : Math.ceil(rounds * 0.6)
}

/** A cell in words. */
export function titleOf({ isStream, connections, delayMs, bytes }) {
  const what = isStream ? 'streams of 20 pieces, one every 10 ms' : 'JSON'
  const first = isStream ? 'the first' : 'answered'
  const width = `${connections} connection${connections > 1 ? 's' : ''}`
  return `${width}, ${what}, ${bytes / 1000} kB, ${first} after ${delayMs} ms`
}
