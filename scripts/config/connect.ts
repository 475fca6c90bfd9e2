import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from './object.ts'
import { Refusal } from './problem.ts'

const MAX_TRIES = 6
/** How long a plan's next minute is waited for, in seconds. */
const MAX_WAIT_S = 120
const ANSWER_MS = 60_000
const TRANSIENT = [408, 425, 502, 503, 504]

/** An answer of the instance, read. */
// biome-ignore lint/suspicious/noExplicitAny: each kind knows what its answers look like
export type Answer = { status: number; body: any }

/** A change to ask for. `hash`: of what the file declares. `isTrial`: it is not to be made. `once`: the name of a creation. */
export type Change = {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: Json | undefined
  hash?: string | undefined
  isTrial?: boolean
  once?: string
}

/** Where an instance is, and who asks. */
export type Target = { url: string; key: string }

/** What the instance refused, in its own words. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

/** What an instance can be asked. */
export type Instance = {
  get(path: string): Promise<Answer['body']>
  /** Throws `Refused`. */
  change(change: Change): Promise<Answer['body']>
}

function headersOf({ key }: Target, change: Partial<Change>): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    ...(change.hash && !change.isTrial && { 'x-weir-config-hash': change.hash }),
    ...(change.isTrial && { 'x-weir-dry-run': 'true' }),
    ...(change.once && !change.isTrial && { 'idempotency-key': change.once }),
  }
}

async function ask(target: Target, change: Omit<Change, 'method'> & { method: string }): Promise<Response> {
  const { method, path, body } = change
  return fetch(target.url + path, {
    method,
    headers: headersOf(target, change as Change),
    // Where it is sent on to, the key has no business.
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

function wordsOf(text: string): string {
  try {
    const body = JSON.parse(text)
    return body.detail ?? body.error?.error ?? body.error?.message ?? text
  } catch {
    return text.slice(0, 200)
  }
}

function waitOf(answer: Response | undefined, round: number): number {
  const seconds = Number(answer?.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? Math.min(seconds, MAX_WAIT_S) * 1000 : 200 * 2 ** round
}

// A change that is saved and not yet everywhere in force is made: asking again would make it twice.
function isPending(status: number, text: string): boolean {
  return status === 503 && wordsOf(text).startsWith('The change is saved')
}

function isWorthwhile(answer: Response | undefined, text: string): boolean {
  if (!answer) return true
  const { status } = answer
  if (status === 429) return true
  if (status === 409) return answer.headers.has('retry-after')
  return TRANSIENT.includes(status) && !isPending(status, text)
}

function unreachable({ url }: Target, thrown: unknown): Refusal {
  const cause = (thrown as Error).cause ?? thrown
  return new Refusal(
    `${url} cannot be reached: ${(cause as Error).message}. Name the instance with --url or WEIR_BASE_URL.`,
  )
}

async function insist(target: Target, change: Parameters<typeof ask>[1]): Promise<Answer> {
  for (let round = 0; ; round += 1) {
    let thrown: unknown
    const answer = await ask(target, change).catch(error => {
      thrown = error
      return undefined
    })
    const text = (await answer?.text().catch(() => '')) ?? ''
    if (answer && !isWorthwhile(answer, text)) return read(answer.status, text)
    if (round + 1 === MAX_TRIES) throw answer ? new Refused(answer.status, wordsOf(text)) : unreachable(target, thrown)
    await sleep(waitOf(answer, round))
  }
}

function read(status: number, text: string): Answer {
  if (status < 300) return { status, body: text === '' ? {} : JSON.parse(text) }
  if (isPending(status, text)) return { status, body: { pending: true } }
  throw new Refused(status, wordsOf(text))
}

/** An instance at its address. What is refused for now (429, 503, no answer) is asked again, as long as the instance says. */
export function connect(target: Target): Instance {
  return {
    get: async path => (await insist(target, { method: 'GET', path })).body,
    change: async change => (await insist(target, change)).body,
  }
}
