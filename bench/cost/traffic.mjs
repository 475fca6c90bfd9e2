import { setTimeout as sleep } from 'node:timers/promises'
import { overConnections, post } from '../levels/load.mjs'

const messages = [{ role: 'user', content: 'Say hello. '.repeat(16) }]
const body = JSON.stringify({ model: 'openai/gpt-4o-mini', max_tokens: 16, messages })

async function ask(server, key, agent) {
  const headers = { authorization: `Bearer ${key.value}` }
  const { status, text } = await post(`${server.baseUrl}/v1/chat/completions`, { agent, headers, body })
  if (status !== 200) throw new Error(`a request was answered ${status}: ${text}`)
}

/** Every key asks alone: nothing of one request is shared with the next. */
async function calm(server, keys, { rounds, gapMs }) {
  for (let round = 0; round < rounds; round++) {
    await Promise.all(keys.map(key => ask(server, key)))
    await sleep(gapMs)
  }
  return rounds * keys.length
}

async function busy(server, keys, { requests, connections }) {
  const work = (n, agent) => ask(server, keys[n % keys.length], agent)
  await overConnections(connections, { goesOn: n => n < requests, work })
  return requests
}

/** How requests come: `run` sends them and answers how many. */
export const TRAFFIC = {
  calm: {
    text: 'one request of a key every 2 s',
    keys: 20,
    ask,
    run: (server, keys) => calm(server, keys, { rounds: 75, gapMs: 2000 }),
  },
  busy: {
    text: '32 connections, 4 keys',
    keys: 4,
    ask,
    run: (server, keys) => busy(server, keys, { requests: 6000, connections: 32 }),
  },
}
