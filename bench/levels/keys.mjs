// What a budget above a thousand keys costs: the same load with it and without it, in rounds that take turns.
import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { startWeir } from '../../test/support/weir-server.mjs'
import { overConnections, post } from './load.mjs'
import { makeOrganisation } from './organisation.mjs'
import { readOwnerCalls } from './owner-calls.mjs'
import { compareRounds } from './rounds.mjs'

const MUCH_USD = 100_000
const body = JSON.stringify({
  model: 'openai/gpt-4o-mini',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Say hello. '.repeat(16) }],
})

function startInstantUpstream() {
  const child = fork(resolve(import.meta.dirname, '../instant-upstream.mjs'))
  return new Promise(done =>
    child.once('message', port => done({ url: `http://127.0.0.1:${port}/v1`, stop: () => child.kill() })),
  )
}

/** Sends to each key in turn while `goesOn`. Throws at the first answer that is not a 200. */
function sendWhile(weir, keys, { connections, goesOn }) {
  const url = `${weir.baseUrl}/v1/chat/completions`
  const work = async (n, agent) => {
    const headers = { authorization: `Bearer ${keys[n % keys.length].value}` }
    const { status, text } = await post(url, { agent, headers, body })
    if (status !== 200) throw new Error(`${status}: ${text}`)
  }
  return overConnections(connections, { goesOn, work })
}

// Every key once, so that no round pays for the objects that it finds asleep.
async function openSubject(weir, { name, customerUsd, setting }) {
  const { keys, connections } = setting
  const made = await makeOrganisation(weir.admin, { customerUsd, teamsUsd: [], keys, keyUsd: () => MUCH_USD })
  await sendWhile(weir, made.keys, { connections, goesOn: n => n < keys })
  let offset = 0
  const run = async seconds => {
    const end = performance.now() + seconds * 1000
    const turned = [...made.keys.slice(offset), ...made.keys.slice(0, offset)]
    const { count, ...rest } = await sendWhile(weir, turned, { connections, goesOn: () => performance.now() < end })
    offset = (offset + count) % keys
    return { count, ...rest }
  }
  return { name, warmed: keys, run }
}

/** Throughput with and without a customer's budget, and how often its owner was called. */
export async function measureKeys(setting) {
  const upstream = await startInstantUpstream()
  const weir = await startWeir({ upstreamUrl: upstream.url })
  try {
    const leased = await openSubject(weir, { name: 'leased', customerUsd: MUCH_USD, setting })
    const alone = await openSubject(weir, { name: 'alone', customerUsd: undefined, setting })
    const rounds = await compareRounds(leased, alone, setting.seconds)
    await weir.stop()
    const calls = readOwnerCalls(weir.home)
    return judge({ setting, ...rounds, warmed: leased.warmed, ownerCalls: calls })
  } finally {
    await weir.dispose()
    upstream.stop()
  }
}

/** The least share of the throughput that has to be left, and the most calls of the owner for a thousand requests. */
export const TARGET = { ratio: 0.85, callsPerThousand: 20 }

/** Adds what the figures come to, and which target they miss. `warmed`: requests that were sent before the first round. */
export function judge(measured) {
  const { leased, alone, warmed, ownerCalls, setting } = measured
  const requests = leased.count + warmed
  const ratio = leased.perSecond / alone.perSecond
  const callsPerThousand = (1000 * ownerCalls) / requests
  const laterPerThousand = (1000 * Math.max(0, ownerCalls - setting.keys)) / requests
  const missed = [
    ...(ratio < TARGET.ratio ? [`${(ratio * 100).toFixed(1)} % of the throughput is left`] : []),
    ...(callsPerThousand > TARGET.callsPerThousand ? [`${callsPerThousand.toFixed(1)} owner calls per 1,000`] : []),
  ]
  return { ...measured, requests, ratio, callsPerThousand, laterPerThousand, missed, broken: [] }
}
