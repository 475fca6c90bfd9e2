// Weir as `npm start` serves it, with everything on.
import { setTimeout as sleep } from 'node:timers/promises'
import { nanoOf } from '../../../test/support/price.mjs'
import { startWeir } from '../../../test/support/weir-server.mjs'
import { weirSubject } from '../../overspend/subjects/weir.mjs'
import { makeLimitedKey } from './weir-key.mjs'

const STORED_WITHIN_MS = 60_000

// Events come through a queue: what the load left is stored a moment later.
async function readBooks(admin, key, requests) {
  for (const deadline = Date.now() + STORED_WITHIN_MS; ; await sleep(500)) {
    const { pagination } = await admin.call('GET', `/v1/events?virtual_key_id=${key.id}&limit=1`)
    if (pagination.total < requests && Date.now() < deadline) continue
    const [budget] = (await admin.getKey(key.id)).budgets
    return { counterNano: nanoOf(budget.current_usage), events: pagination.total }
  }
}

/** What the bench has to know of a Weir that runs with a key. */
export function measuredWeir({ baseUrl, admin, key, pid, stop }) {
  return {
    url: `${baseUrl}/v1/chat/completions`,
    headers: { authorization: `Bearer ${key.value}` },
    model: 'openai/gpt-4o-mini',
    pid,
    restMs: 1200,
    books: requests => readBooks(admin, key, requests),
    money: () => ({ ...weirSubject({ baseUrl, admin }), isOurs: true }),
    stop,
  }
}

async function start({ upstreamUrl }) {
  const running = await startWeir({ upstreamUrl })
  const { baseUrl, admin } = running
  try {
    const key = await makeLimitedKey(admin)
    return measuredWeir({ baseUrl, admin, key, pid: running.pid(), stop: running.dispose })
  } catch (failure) {
    await running.dispose()
    throw failure
  }
}

/** Weir under `npm start`. */
export const weir = { id: 'weir', name: 'Weir under `npm start`', isOurs: true, start }
