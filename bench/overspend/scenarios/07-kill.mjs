import { setTimeout as sleep } from 'node:timers/promises'

const IN_FLIGHT = 30
const AFTERWARDS = 100
const HOLD_MS = 3000
const ENV = { HOLD_MS: String(HOLD_MS) }

async function killMidStream(bench) {
  const { subject, size } = bench
  await subject.restart(ENV)
  try {
    const trial = await bench.open()
    const make = index => ({ isStream: index % 3 > 0, plan: { chunks: 20, chunkMs: 100 } })
    const inFlight = trial.burst(bench.count(IN_FLIGHT), size, make)
    await sleep(900)
    await subject.kill9()
    await inFlight
    await subject.start(ENV)
    await trial.burst(bench.count(AFTERWARDS), size, () => ({ plan: { delayMs: 50 } }))
    return await trial.close({ settleMs: HOLD_MS * 2 })
  } finally {
    await subject.restart({})
  }
}

export const scenario = {
  number: 7,
  title: 'kill -9 in mid-stream',
  what: 'Everything is killed while 30 requests are on their way, and started again on the same state; 100 more follow at once. The upstream bills what it had generated when its connection broke.',
  cases: () => [{ name: 'gateway killed and restarted', needs: 'restart', isUntold: true, run: killMidStream }],
}
