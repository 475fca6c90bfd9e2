import { setTimeout as sleep } from 'node:timers/promises'
import { billedNano } from '../../../test/support/price.mjs'

const IN_FLIGHT = 25
const AFTERWARDS = 120

// What was sent before the change was in force was right to be admitted; everything else is under the new limit.
function allowedNano(trial, before, loweredNano) {
  const names = new Set(before.map(call => call.name))
  return Math.max(loweredNano, billedNano(trial.billed().filter(call => names.has(call.name))))
}

/** `used`: how much of its output each of the first requests generates. */
async function lowerInFlight(bench, used) {
  const trial = await bench.open()
  const loweredNano = bench.limitNano / 4
  const outputTokens = Math.ceil(bench.size.maxTokens * used)
  const plan = { outputTokens, chunks: 20, chunkMs: 60 }
  const inFlight = trial.burst(bench.count(IN_FLIGHT), bench.size, () => ({ isStream: true, plan }))
  await sleep(400)
  await trial.setLimit(loweredNano)
  const before = [...trial.calls]
  await trial.burst(bench.count(AFTERWARDS / 2), bench.size)
  await inFlight
  await sleep(200)
  await trial.burst(bench.count(AFTERWARDS / 2), bench.size)
  return trial.close({ limitNano: allowedNano(trial, before, loweredNano) })
}

export const scenario = {
  number: 9,
  title: 'limit lowered in flight',
  what: 'The budget is lowered to a quarter while 25 streams run; 60 requests follow at once, and 60 more when the streams have ended. What was admitted before the change may be spent, and nothing beyond the larger of that and the new limit.',
  cases: () => [
    { name: 'below what is in flight', needs: 'setLimit', run: bench => lowerInFlight(bench, 1) },
    { name: 'above what is in flight', needs: 'setLimit', run: bench => lowerInFlight(bench, 0.1) },
  ],
}
