import { randomFrom } from '../../../test/chaos/load.mjs'
import { worstCase } from '../request.mjs'

const WORKERS = 16
const MOST_PER_WORKER = 60
const GIVE_UP_AFTER = 6
const MOST_AT_THE_END = 200

function randomSize(bench, random) {
  const promptWords = 4 + Math.floor(random() ** 3 * 400)
  return { promptWords, maxTokens: 1 + Math.floor(random() * 2.5 * bench.size.maxTokens) }
}

// Sends sizes of all kinds, of which each uses some of its output, until several in a row are refused.
async function work(trial, bench, random) {
  let refusals = 0
  for (let sent = 0; sent < bench.count(MOST_PER_WORKER) && refusals < GIVE_UP_AFTER; sent++) {
    const size = randomSize(bench, random)
    const plan = { outputTokens: Math.ceil(size.maxTokens * random()), delayMs: Math.floor(random() * 30) }
    const call = await trial.send(size, { isStream: random() < 0.5, plan })
    refusals = call.refusal ? refusals + 1 : 0
  }
}

/** With nothing else in flight: ever smaller requests, until the smallest there can be is refused. */
async function spendTheRest(trial, bench) {
  const refused = []
  let maxTokens = bench.size.maxTokens
  for (let sent = 0; sent < MOST_AT_THE_END; sent++) {
    const call = await trial.send({ promptWords: 4, maxTokens })
    if (!call.refusal) continue
    refused.push(call)
    if (maxTokens === 1) break
    maxTokens = Math.max(1, Math.floor(maxTokens / 2))
  }
  return Math.min(...refused.map(call => call.refusal.told?.needed ?? call.worstNano))
}

async function mixedSizes(bench) {
  const trial = await bench.open()
  const random = randomFrom(bench.seed)
  const workers = Math.min(WORKERS, bench.count(WORKERS * 2))
  await Promise.all(Array.from({ length: workers }, () => work(trial, bench, random)))
  const before = await trial.close()
  const smallestNano = await spendTheRest(trial, bench)
  const figures = await trial.close()
  const leftNano = figures.limitNano - figures.trueNano
  const isWasted = leftNano >= smallestNano
  const mean = Math.round(before.trueNano / Math.max(1, before.reached))
  return {
    ...figures,
    falseRefusals: figures.falseRefusals === undefined ? undefined : figures.falseRefusals + Number(isWasted),
    notes: [
      `${leftNano} nano-dollars are left; the smallest request that was refused at the end could need ${smallestNano}, a mean one of the run cost ${mean}, and at least ${worstCase({ promptWords: 4, maxTokens: 1 })} is needed by any`,
    ],
  }
}

export const scenario = {
  number: 11,
  title: 'mixed sizes',
  what: 'Prompts of 4 to 400 words and caps from 1 token on, of which each request uses a random part, by 16 clients at once until the budget is spent; then ever smaller ones, one at a time. What is left must be less than the smallest request that was refused at the end.',
  cases: () => [{ name: 'until nothing fits', run: mixedSizes }],
}
