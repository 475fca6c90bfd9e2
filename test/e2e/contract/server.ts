import { until } from '../../support/admin.mjs'
import { startUpstream } from '../../support/upstream.mjs'
import { startWeir } from '../../support/weir-server.mjs'

/** The one server that the contract suite shares, and the provider behind it. */
let started: {
  upstream: Awaited<ReturnType<typeof startUpstream>>
  weir: Awaited<ReturnType<typeof startWeir>>
}

export async function startContract(): Promise<void> {
  const upstream = await startUpstream()
  started = { upstream, weir: await startWeir({ upstreamUrl: upstream.baseUrl }) }
}

export async function stopContract(): Promise<void> {
  await started?.weir?.dispose()
  await started?.upstream?.stop()
}

export const weir = () => started.weir
export const upstream = () => started.upstream

export const GOVERNANCE = '/api/governance'
export const VKS = `${GOVERNANCE}/virtual-keys`
export const TEAMS = `${GOVERNANCE}/teams`
export const CUSTOMERS = `${GOVERNANCE}/customers`
export const MODELS = `${GOVERNANCE}/model-configs`
export const PROVIDERS = `${GOVERNANCE}/providers`
export const RULES = `${GOVERNANCE}/routing-rules`
export const PRICES = `${GOVERNANCE}/pricing-overrides`
export const DAILY = { max_limit: 10, reset_duration: '1d' }
export const WEEKLY = { max_limit: 50, reset_duration: '1w' }
export const UUID = /^[0-9a-f-]{36}$/
export const name = () => `n-${crypto.randomUUID()}`

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export type Answer = { status: number; text: string; body: any; headers: Headers }

export type Sent = [method: string, path: string, body?: unknown, headers?: Record<string, string>]

/** What was answered to what: the page of the contract is held against it. */
export const seen: { method: string; path: string; status: number; message: string }[] = []

export async function call(...[method, path, body, headers = {}]: Sent): Promise<Answer> {
  const init = {
    method,
    headers: { authorization: `Bearer ${weir().adminKey}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
  const answer = await fetch(weir().baseUrl + path, init)
  const text = await answer.text()
  const read = JSON.parse(text)
  const message = String(read.error?.message ?? read.message ?? '')
  seen.push({ method, path: path.replace(/\?.*/, ''), status: answer.status, message })
  return { status: answer.status, text, body: read, headers: answer.headers }
}

export const refused = (status: number, message: string) => ({
  status,
  body: { is_bifrost_error: false, status_code: status, error: { message }, extra_fields: {} },
})

export async function make(path: string, member: string, body: object = {}) {
  const answer = await call('POST', path, { name: name(), ...body })
  if (answer.status >= 300) throw new Error(answer.text)
  return answer.body[member]
}

export const grants = [{ provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }]
export const newKey = (body: object = {}) => make(VKS, 'virtual_key', { provider_configs: grants, ...body })

/** One request of 10 tokens in and 10 out: 7500 nano-dollars by OpenAI's list. */
export async function ask(key: string, model = 'openai/gpt-4o-mini', more: object = {}): Promise<Answer> {
  return askBy({ authorization: `Bearer ${key}` }, { model, ...more })
}

export async function askBy(headers: Record<string, string>, more: object = {}): Promise<Answer> {
  const messages = [{ role: 'user', content: 'hi' }]
  const wish = { x_upstream: { prompt_tokens: 10, output_tokens: 10 } }
  const body = { model: 'openai/gpt-4o-mini', messages, max_tokens: 20, ...wish, ...more }
  return call('POST', '/v1/chat/completions', body, { authorization: '', ...headers })
}

export async function costsOf(keyId: string, count: number): Promise<number[]> {
  const listed = () => weir().admin.listEvents({ virtual_key_id: keyId })
  const events = await until(listed, list => list.length >= count)
  return events.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(event => event.cost_nano)
}
