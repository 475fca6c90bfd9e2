import { vi } from 'vitest'
import type { RouteExplanation } from '../../workers/contracts/route-question.ts'
import { idSeal } from '../../workers/core/key/id-seal.ts'
import type { Meter, MeterAdmit } from '../../workers/core/quota/meter-protocol.ts'
import type { SettleCommand } from '../../workers/core/quota/settle.ts'
import type { KeySnapshot, Reliability } from '../../workers/core/snapshot.ts'
import { DEFAULT_RELIABILITY } from '../../workers/core/snapshot.ts'
import { RetryBudget } from '../../workers/gateway/attempts/retry-budget.ts'
import { explainRoute } from '../../workers/gateway/explain/explain-route.ts'
import type { GatewayPorts, ProviderWatch } from '../../workers/gateway/ports.ts'
import { SeenStandings } from '../../workers/gateway/routing/seen-standings.ts'
import { serveCall } from '../../workers/gateway/serve-call.ts'
import { openaiChatWire } from '../../workers/gateway/wires/openai-chat.ts'
import { openaiDialect } from '../../workers/providers/openai/openai-dialect.ts'
import type { Provider, ProviderKey, ProviderRequest } from '../../workers/providers/port.ts'

/** The models that the world's providers are asked for. */
export const OPENAI = 'openai/gpt-4o-mini'
export const GROQ = 'groq/llama-3.1-8b-instant'

/** What a provider does with a call: a status, its end without an answer, or a way to stream. `ms` comes first. */
export type Deed = {
  ms?: number
  does: number | 'answers' | 'refuses to connect' | 'is silent' | 'stalls' | 'closes' | 'errs' | 'breaks later'
  retryAfter?: string
}

const usage = { prompt_tokens: 20, completion_tokens: 2, total_tokens: 22 }
const HEAD = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' }
const utf8 = new TextEncoder()

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`
const delta = (content: object, finish_reason: string | null = null) =>
  event({ ...HEAD, choices: [{ index: 0, delta: content, finish_reason }] })
const OPENING = delta({ role: 'assistant', content: '' })
const TOKENS = delta({ content: 'Hi ' }) + delta({ content: 'you' })
const END = `${delta({}, 'stop')}${event({ ...HEAD, choices: [], usage })}data: [DONE]\n\n`

/** A stream as its provider sends it whole. */
export const WHOLE_STREAM = OPENING + TOKENS + END

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
}

/** A body that ends as told, and errors where its request is aborted. */
function bodyOf(parts: string[], end: 'closes' | 'errors' | 'never', signal: AbortSignal | undefined) {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(utf8.encode(part))
      const over = () => controller.error(signal?.reason)
      if (end === 'closes') controller.close()
      else if (end === 'errors') setTimeout(() => controller.error(new Error('reset')), 1)
      else signal?.addEventListener('abort', over)
    },
  })
}

function streamed(deed: Deed['does'], signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  switch (deed) {
    case 'stalls':
      return bodyOf([OPENING], 'never', signal)
    case 'closes':
      return bodyOf([OPENING], 'closes', signal)
    case 'errs':
      return bodyOf([OPENING, event({ error: { message: 'overloaded', code: 503 } })], 'closes', signal)
    case 'breaks later':
      return bodyOf([OPENING, TOKENS], 'errors', signal)
    default:
      return bodyOf([OPENING, TOKENS, END], 'closes', signal)
  }
}

async function perform({ ms = 0, does, retryAfter }: Deed, { signal, isStream }: ProviderRequest): Promise<Response> {
  const slept = new Promise(done => setTimeout(done, ms))
  await Promise.race([slept, aborted(signal)])
  if (does === 'refuses to connect') throw new Error('refused')
  if (does === 'is silent') return aborted(signal)
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  if (typeof does === 'number')
    return Response.json({ error: { message: `failed ${does}` } }, { status: does, headers })
  const type = { 'content-type': 'text/event-stream' }
  if (isStream) return new Response(streamed(does, signal), { headers: type })
  if (does === 'stalls') return new Response(bodyOf(['{'], 'never', signal))
  if (does === 'breaks later') return new Response(bodyOf(['{"id"'], 'errors', signal))
  if (does === 'errs') return Response.json({ error: { message: 'overloaded' } })
  if (does === 'closes') return new Response('{"id"')
  return Response.json({ ...HEAD, choices: [{ index: 0, message: { role: 'assistant', content: 'Hi you' } }], usage })
}

/** A key by its id; the world counts who was called with which. */
const keyOf = (
  id: string,
  open: () => Promise<{ baseUrl: string; secret: string; settings: Record<string, string> }>,
): ProviderKey => {
  return { id, name: id, weight: 1, models: ['*'], blacklistedModels: [], open }
}

const CALL_ID = '01900000-0000-7000-8000-0000a0000001'

/** What came of a world's call. */
export type Seen = { status: number; text: string; headers: Headers } | { thrown: unknown }

/** What a world begins with. `deeds` of a provider are taken one after the other, the last again and again. */
export type WorldPlan = {
  deeds: Record<string, Deed[]>
  reliability?: Partial<Reliability>
  isStream?: boolean
  keys?: Record<string, string[]>
  keyIds?: Record<string, string[]>
  resting?: string[]
  drainMs?: number
  /** The areas of the deployment and of its providers. */
  jurisdiction?: 'none' | 'eu'
  residency?: Record<string, string>
}

/** The data plane with everything around it made up: each call to a provider does what its deeds say. Fake timers must be on. */
export class World {
  readonly calls: { provider: string; key: string; atMs: number; body: Record<string, unknown> }[] = []
  readonly settled: SettleCommand[] = []
  readonly released: number[] = []
  /** What was asked of the key's meter, in order. */
  readonly asked: string[] = []
  readonly held = new Map<number, MeterAdmit>()
  /** What each attempt was held at, in nano-dollars. */
  readonly holds: number[] = []
  readonly ends: { provider: string; verdict: string }[] = []
  readonly twice: number[] = []
  readonly gone = new AbortController()
  readonly retries = new RetryBudget()
  snapshot: KeySnapshot
  /** Refuses an attempt where it says so. */
  mayAdmit: (attempt: number) => boolean = () => true
  readonly #plan: WorldPlan
  readonly #tasks = new Set<Promise<unknown>>()
  readonly #startMs = Date.now()

  constructor(plan: WorldPlan) {
    this.#plan = plan
    const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null }
    const providers = Object.keys(plan.deeds).map(provider => {
      const keyIds = plan.keyIds?.[provider]
      return { provider, weight: 1, allowedModels: ['*'], blacklistedModels: [], ...(keyIds && { keyIds }) }
    })
    const reliability = { ...DEFAULT_RELIABILITY, ...plan.reliability }
    const names = { version: 1, tenantId: 't', keyId: 'k', name: 'k', keyHash: 'h' }
    this.snapshot = { ...names, ...status, providers, limits: [], reliability }
  }

  /** Runs the call, and everything that outlives it, in time that is not real. */
  async run(body: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Seen> {
    const seen = this.#call(body, headers)
    this.#keep(seen)
    for (let step = 0; this.#tasks.size > 0; step++) {
      if (step > 4000) throw new Error(`it never ends; held: ${[...this.held.keys()]}`)
      await vi.advanceTimersByTimeAsync(step < 200 ? 25 : 500)
    }
    return seen
  }

  /** How the call would be routed, as `POST /v1/route` says it. */
  explain(body: Record<string, unknown> = {}, headers: Record<string, string> = {}): RouteExplanation {
    const chat = { model: OPENAI, messages: [{ role: 'user', content: 'hi' }], max_tokens: 50, stream: false, ...body }
    const question = { path: '/v1/chat/completions', headers, request: chat }
    const call = { id: CALL_ID, requestId: 'r', startMs: Date.now(), request: new Request('https://weir.test') }
    const ref = { tenantId: 't', id: 'k', jurisdiction: 'none' } as const
    return explainRoute(question, { ref, snapshot: this.snapshot, call }, this.#ports())
  }

  async #call(body: Record<string, unknown>, headers: Record<string, string>): Promise<Seen> {
    const isStream = this.#plan.isStream === true
    const chat = {
      model: OPENAI,
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 50,
      stream: isStream,
      ...body,
    }
    const init = { method: 'POST', headers: { authorization: 'Bearer x', ...headers }, body: JSON.stringify(chat) }
    const request = new Request('https://weir.test/v1/chat/completions', { ...init, signal: this.gone.signal })
    const call = { id: CALL_ID, requestId: 'r', startMs: Date.now(), request }
    try {
      const answer = await serveCall(call, { pathname: '/', wire: openaiChatWire, path: {} }, this.#ports())
      const text = await answer.text().catch(() => 'broken')
      return { status: answer.status, text, headers: answer.headers }
    } catch (thrown) {
      return { thrown }
    }
  }

  #ports(): GatewayPorts {
    const providers = new Map(Object.keys(this.#plan.deeds).map(name => [name, this.#provider(name)]))
    return {
      settings: {
        holdMs: 3000,
        drainMs: this.#plan.drainMs ?? 2000,
        loserMs: 2000,
        idleMs: 4000,
        maxFormBytes: 100_000,
        maxBodyBytes: 100_000,
        sharesReferences: true,
        jurisdiction: this.#plan.jurisdiction ?? 'none',
      },
      providersFor: () => providers,
      standings: new SeenStandings(),
      callMcpTool: async () => ({ text: '', isError: false }),
      snapshots: { get: () => this.snapshot, put: (_, snapshot) => (this.snapshot = snapshot) },
      nowMs: Date.now,
      random: () => 0.5,
      newCallId: () => 'id',
      readKey: () => ({ ref: { tenantId: 't', id: 'k', jurisdiction: 'none' }, hash: 'h' }),
      ids: idSeal('of the world'),
      meter: () => this.#meter(),
      watch: (_, { name }) => this.#watch(name),
      retries: this.retries,
      callHost: () => ({ fetch: () => Promise.reject(new Error('no host')) }),
      isCallHost: false,
      after: task => this.#keep(task),
      log: () => undefined,
    }
  }

  #keep(task: Promise<unknown>): void {
    this.#tasks.add(task)
    const done = () => this.#tasks.delete(task)
    task.then(done, done)
  }

  #provider(name: string): Provider {
    const ids = this.#plan.keys?.[name] ?? [`${name}-key`]
    const dialect = openaiDialect({})
    const keys = ids.map(id => keyOf(id, async () => ({ baseUrl: '', secret: id, settings: {} })))
    const call = (request: ProviderRequest, { secret }: { secret: string }) => {
      const nth = this.calls.filter(({ provider }) => provider === name).length
      const body = JSON.parse(String(request.body))
      this.calls.push({ provider: name, key: secret, atMs: Date.now() - this.#startMs, body })
      const deeds = this.#plan.deeds[name] ?? []
      return perform(deeds[Math.min(nth, deeds.length - 1)] ?? { does: 'answers' }, request)
    }
    const residency = this.#plan.residency?.[name]
    return {
      name,
      pricebook: name,
      ...(residency && { residency }),
      keys,
      endpoints: new Map([['openai-chat', { dialect, call }]]),
    }
  }

  #watch(provider: string): ProviderWatch {
    const isResting = this.#plan.resting?.includes(provider) === true
    return {
      condition: () => ({ isResting, latencyMs: null, inFlight: 0 }),
      begin: () => undefined,
      end: ({ verdict }) => this.ends.push({ provider, verdict }),
    }
  }

  #take(attempt: number): void {
    if (!this.held.delete(attempt)) this.twice.push(attempt)
  }

  #meter(): Meter {
    const never = () => Promise.reject(new Error('not asked'))
    const standing = {
      limitId: 'l',
      scope: 's',
      unit: 'nano_usd',
      max: 1,
      duration: '1M',
      settled: 0,
      held: 1,
    } as const
    const at = { remaining: 0, startsAtMs: 0, resetsAtMs: 1, isLeased: false }
    return {
      snapshot: async () => {
        this.asked.push('snapshot')
        return this.snapshot
      },
      admit: async command => {
        this.asked.push('admit')
        if (command.snapshotVersion !== this.snapshot.version) return { kind: 'stale', snapshot: this.snapshot }
        if (!this.mayAdmit(command.attempt)) return { kind: 'refused', standing: { ...standing, ...at }, needed: 1 }
        this.held.set(command.attempt, command)
        this.holds.push(command.need.nano_usd)
        return { kind: 'admitted', standings: [] }
      },
      extend: async () => true,
      release: async ({ attempt }) => {
        this.asked.push('release')
        this.released.push(attempt)
        this.#take(attempt)
      },
      settle: async command => {
        this.asked.push('settle')
        this.settled.push(command)
        this.#take(command.attempt)
      },
      ...{ grow: never, read: never, putSnapshot: never, reportLease: never, recall: never },
      ...{ confirm: never, confirmHours: never, confirmAlerts: never },
    }
  }
}
