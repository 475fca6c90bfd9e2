// What is counted, in the isolate that the Worker and its objects share.

/** A timer that ships events keeps an object in memory for so long after a call is settled (durable-objects/meter/shipping.ts), in milliseconds. */
const SHIP_MS = { aloneMs: 10, togetherMs: 250, aloneAfterMs: 1000 }
/** What a queue bills as one, in bytes. */
const QUEUE_UNIT_BYTES = 64 * 1024

const ZERO = {
  requests: 0,
  queueBatches: 0,
  crons: 0,
  objectCalls: 0,
  alarms: 0,
  objectRowsWritten: 0,
  objectRowsRead: 0,
  alarmsSet: 0,
  d1RowsWritten: 0,
  d1RowsRead: 0,
  queueMessages: 0,
  queueUnits: 0,
  logLines: 0,
}
let counts = { ...ZERO }
let byCall = {}
let cursors = []
let spans = new Map()
/** When an object ships next, or has last, by its id. */
const shipping = new Map()

/** One more of something, or some. */
export function count(name, by = 1) {
  counts[name] += by
}

/** One call of an object. */
export function countCall(object, method) {
  count('objectCalls')
  const name = `${object}.${method}`
  byCall[name] = (byCall[name] ?? 0) + 1
}

/** What a statement writes and reads is known when its rows have been taken. */
export function watchCursor(cursor) {
  cursors.push(cursor)
  if (cursors.length > 500) sumCursors()
}

function sumCursors() {
  for (const cursor of cursors) {
    counts.objectRowsWritten += cursor.rowsWritten
    counts.objectRowsRead += cursor.rowsRead
  }
  cursors = []
}

/** A message that is sent is billed three times: written, read, deleted. */
export function countMessage(body) {
  count('queueMessages')
  count('queueUnits', Math.ceil(JSON.stringify(body).length / QUEUE_UNIT_BYTES))
}

// A settlement waits for others before it is shipped, but for one that comes after a silence.
function shipsMs(object, settledMs) {
  const shipMs = shipping.get(object) ?? 0
  if (settledMs <= shipMs) return shipMs
  const isAlone = settledMs - shipMs > SHIP_MS.aloneAfterMs
  const nextMs = settledMs + (isAlone ? SHIP_MS.aloneMs : SHIP_MS.togetherMs)
  shipping.set(object, nextMs)
  return nextMs
}

/** Times an object's work. Answers the function that ends it. */
export function beginWork(object, method) {
  const startMs = Date.now()
  return () => {
    const endMs = Date.now()
    const span = [startMs, method === 'settle' ? shipsMs(object, endMs) : endMs]
    spans.set(object, [...(spans.get(object) ?? []), span])
  }
}

function unionMs(list) {
  let [total, until] = [0, 0]
  for (const [startMs, endMs] of list.sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, endMs - Math.max(startMs, until))
    until = Math.max(until, endMs)
  }
  return total
}

/** How much has been counted so far, whatever it is. */
export function countsSoFar() {
  return Object.values(counts).reduce((sum, value) => sum + value, cursors.length)
}

/** All since the last time that it was asked; begins anew. */
export function takeCounts() {
  sumCursors()
  const activeMs = [...spans.values()].reduce((sum, list) => sum + unionMs(list), 0)
  const taken = { ...counts, activeMs, byCall }
  counts = { ...ZERO }
  byCall = {}
  spans = new Map()
  return taken
}
