import { setTimeout as sleep } from 'node:timers/promises'
import { nanoOf } from './price.mjs'

const PAGE = 100

/**
 * Asks until the answer is accepted. Events come through a queue: what was just spent is listed a moment later.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => boolean} accept
 * @returns {Promise<T>}
 */
export async function until(ask, accept, withinMs = 15_000) {
  for (const deadline = Date.now() + withinMs; ; await sleep(150)) {
    const answer = await ask()
    if (accept(answer)) return answer
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer)?.slice(0, 2000)}`)
  }
}

// Whole nano-dollars travel as text, since JSON numbers are doubles to most readers.
function inNano(event) {
  return { ...event, cost_nano: Number(event.cost_nano), held_nano: nanoOf(event.held_usd) }
}

/** The management API, as the tenant's admin sees it. */
export function adminClient(baseUrl, adminKey) {
  async function call(method, path, body) {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await fetch(baseUrl + path, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** @param {{ name?: string, budgetUsd?: number, [field: string]: unknown }} options */
  async function createKey({ name = `key-${crypto.randomUUID()}`, budgetUsd, ...rest }) {
    const grant = provider => ({ provider, allowed_models: ['*'], key_ids: ['*'] })
    const budgets = budgetUsd === undefined ? [] : [{ max_limit: budgetUsd, reset_duration: '1M' }]
    const provider_configs = ['mock', 'openai'].map(grant)
    const { virtual_key: key } = await call('POST', '/api/governance/virtual-keys', {
      name,
      provider_configs,
      budgets,
      ...rest,
    })
    return key
  }

  async function listEvents(query = {}) {
    /** @type {any[]} */
    const events = []
    for (let more = true; more; ) {
      const page = new URLSearchParams({ ...query, limit: String(PAGE), offset: String(events.length) })
      const { data, pagination } = await call('GET', `/v1/events?${page}`)
      events.push(...data.map(inNano))
      more = pagination.has_more
    }
    return events
  }

  const getKey = async id => (await call('GET', `/api/governance/virtual-keys/${id}`)).virtual_key
  const updateKey = (id, body) => call('PUT', `/api/governance/virtual-keys/${id}`, body)
  return { call, createKey, getKey, updateKey, listEvents }
}
