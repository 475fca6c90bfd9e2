// The instants at which the server is killed. Each kind says who calls, how, and when the blow falls.
import { setTimeout as sleep } from 'node:timers/promises'

const SHORT = { withinMs: 900, streams: 0.3, chunks: 4, chunkMs: 40, delayMs: { from: 0, spread: 150 } }
const LONG = { withinMs: 300, streams: 0.7, chunks: 12, chunkMs: 100, delayMs: { from: 0, spread: 900 } }
const QUICK = { withinMs: 100, streams: 0.5, chunks: 2, chunkMs: 10, delayMs: { from: 0, spread: 50 } }
// All answers end at about the same moment, the last byte with the first.
const TOGETHER = { withinMs: 20, streams: 0.5, chunks: 1, chunkMs: 0, delayMs: { from: 400, spread: 15 } }

const ROOMY_NANO = 5_000_000
// Some seven holds: with a request of every key under way, each has to call back what the others have.
const TIGHT_NANO = 700_000

const REACHED_WITHIN_MS = 5000

// On a machine that is slow just now the blow waits for the load, or it would fall on nothing.
async function untilMany(calls, count) {
  for (const deadline = Date.now() + REACHED_WITHIN_MS; calls().length < count && Date.now() < deadline; )
    await sleep(1)
}

// A start that is itself cut short, with requests that meet it: mostly refused connections, or the very first admissions.
async function cutStart({ weir, send, aim }, wave) {
  const start = weir.restart().catch(() => undefined)
  const calls = sleep(700).then(() => send(wave))
  await sleep(aim[wave] * 2000)
  await weir.kill9()
  await start
  return calls
}

/**
 * `waves`: how many requests go out together, each from the next key. `strike` sends them and kills; it ends with the server
 * up again, and answers what the clients saw. Its `aim` is numbers in [0, 1) that the seed repeats.
 */
export const KINDS = [
  {
    ...{ name: 'in mid-stream', keys: 2, teamNano: ROOMY_NANO, waves: [12], load: LONG },
    strike: async ({ send, kill, aim, reached }) => {
      const calls = send(0)
      await untilMany(reached, 1 + Math.floor(aim[0] * 8))
      await sleep(aim[1] * 900)
      await kill()
      return calls
    },
  },
  {
    ...{ name: 'while leases are recalled', keys: 9, teamNano: TIGHT_NANO, waves: [54], load: SHORT, isTight: true },
    strike: async ({ send, kill, aim, reached }) => {
      const calls = send(0)
      await untilMany(reached, 7 + Math.floor(aim[0] * 8))
      await sleep(aim[1] * 150)
      await kill()
      return calls
    },
  },
  {
    ...{ name: 'while settling', keys: 3, teamNano: ROOMY_NANO, waves: [12], load: TOGETHER },
    strike: async ({ send, kill, aim, reached }) => {
      const calls = send(0)
      await untilMany(() => reached().filter(call => call.isWritten), 2 + Math.floor(aim[0] * 8))
      await sleep(aim[1] * 30)
      await kill()
      return calls
    },
  },
  {
    ...{ name: 'while the consumer writes', keys: 3, teamNano: ROOMY_NANO, waves: [12], load: QUICK },
    strike: async ({ send, kill, aim }) => {
      const calls = await send(0)
      await sleep(250 + aim[0] * 1250)
      await kill()
      return calls
    },
  },
  {
    ...{
      name: 'twice more within 2 s',
      how: 'everything',
      keys: 2,
      teamNano: ROOMY_NANO,
      waves: [8, 4, 4],
      load: LONG,
    },
    strike: async place => {
      const calls = place.send(0)
      await untilMany(place.reached, 1 + Math.floor(place.aim[0] * 6))
      await sleep(place.aim[3] * 1200)
      await place.weir.kill9()
      const met = [await cutStart(place, 1), await cutStart(place, 2)]
      await place.weir.restart()
      return [...(await calls), ...met.flat()]
    },
  },
]
