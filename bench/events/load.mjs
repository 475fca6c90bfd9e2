// Gives messages to the queue consumer as a queue does, and counts.
const BATCH = 25
/** Batches in flight at once. D1 takes one after the other; two keep it busy while the next one is read. */
const WIDTH = 2
/** One batch in so many is delivered again: queues deliver at least once. */
const AGAIN = 200

function* batchesOf(messages) {
  let batch = []
  let sent = 0
  for (const body of messages) {
    batch.push({ id: `message-${sent++}`, timestamp: 0, attempts: 1, body })
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function deliver(worker, batch) {
  const { outcome, retried } = await worker.consume(batch)
  if (outcome !== 'ok' || retried > 0) throw new Error(`a batch ended as ${outcome}, ${retried} to be retried`)
}

/** Delivers all messages. Answers how many events they had, of how many messages, and how long the consumer took. */
export async function load(worker, messages) {
  const counts = { events: 0, messages: 0, again: 0, batches: 0 }
  const source = batchesOf(messages)
  await worker.counted()
  let makingMs = 0
  const takeBatch = () => {
    const from = performance.now()
    const { value } = source.next()
    makingMs += performance.now() - from
    return value
  }
  const line = async () => {
    for (let batch = takeBatch(); batch; batch = takeBatch()) {
      counts.messages += batch.length
      counts.batches += 1
      for (const { body } of batch) counts.events += body.rows.length
      await deliver(worker, batch)
      if (counts.batches % AGAIN !== 0) continue
      counts.again += 1
      await deliver(worker, batch)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: WIDTH }, line))
  const seconds = (performance.now() - started) / 1000
  return { ...counts, seconds, makingSeconds: makingMs / 1000, ...(await worker.counted()) }
}

/** Fires the cron until no hour is dirty and every day is in columns. Answers how often, how long it took, and what D1 wrote. */
export async function rollUp(worker) {
  await worker.counted()
  const started = performance.now()
  let ticks = 0
  for (let goesOn = true; goesOn; goesOn = await worker.isDirty()) {
    const { outcome } = await worker.tick()
    if (outcome !== 'ok') throw new Error(`the cron ended as ${outcome}`)
    ticks += 1
  }
  return { ticks, seconds: (performance.now() - started) / 1000, ...(await worker.counted()) }
}
