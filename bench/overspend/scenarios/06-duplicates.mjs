import { randomUUID } from 'node:crypto'
import OpenAI from 'openai'

const PARALLEL = 100
const SDK_CALLS = 15

/** The same `x-request-id` many times: each was sent, each is billed, each must be booked. */
async function sameRequestId(bench) {
  const trial = await bench.open()
  const requestId = `same-${randomUUID()}`
  await trial.burst(bench.count(PARALLEL), bench.size, index => ({
    requestId,
    isStream: index % 2 === 0,
    plan: { delayMs: 20 },
  }))
  return trial.close()
}

// The official client, which sends again by itself. Every attempt is a request of this trial.
async function bySdk(trial, size, { plan, timeout }) {
  const call = trial.open(size, { plan })
  const { baseUrl } = trial.subject
  let attempts = 0
  const counting = async (url, init) => {
    const attempt = attempts++ === 0 ? call : trial.open(size, { requestId: call.requestId })
    const answer = await fetch(url, init)
    await trial.note(attempt, answer.clone())
    return answer
  }
  const client = new OpenAI({
    apiKey: trial.keys[0].value,
    baseURL: `${baseUrl}/v1`,
    maxRetries: 3,
    timeout,
    fetch: counting,
  })
  const headers = { ...trial.subject.headers, 'x-request-id': call.requestId }
  await client.chat.completions.create(call.body, { headers }).catch(() => undefined)
}

async function sdkRetries(bench, how) {
  const trial = await bench.open()
  await Promise.all(Array.from({ length: bench.count(SDK_CALLS) }, () => bySdk(trial, bench.size, how)))
  return trial.close()
}

const FAILING = { plan: { attempts: [{ status: 500 }, { status: 429 }, {}] }, timeout: 10_000 }
const SLOW = { plan: { goesOn: true, attempts: [{ delayMs: 900 }, { delayMs: 900 }, {}] }, timeout: 400 }

export const scenario = {
  number: 6,
  title: 'duplicates',
  what: 'One `x-request-id` 100 times at once, each of which is billed; and the official client, which sends again by itself: after a 500 and a 429 (not billed), and after time-outs while the upstream goes on and bills every attempt.',
  cases: () => [
    { name: 'same x-request-id', run: sameRequestId },
    { name: 'SDK retries after 500 and 429', run: bench => sdkRetries(bench, FAILING) },
    { name: 'SDK retries after time-outs', run: bench => sdkRetries(bench, SLOW) },
  ],
}
