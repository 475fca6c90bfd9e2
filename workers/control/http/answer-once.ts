import { createHash } from 'node:crypto'
import { readBody } from '../../contracts/read-body.ts'
import { type AnswerClaim, type AnswerRow, claimAnswer, keepAnswer, releaseAnswer } from '../../db/claim-answer.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'
import { maskSecret } from './mask-secret.ts'
import { renderError } from './render-error.ts'
import type { RouteSpec } from './route-spec.ts'

const NAME = 'idempotency-key'
/** How long an answer is kept, and how long a request may take to make it, in milliseconds. */
const KEEP_MS = 86_400_000
const CLAIM_MS = 60_000

/** The caller's `Idempotency-Key`, where a creation of a tenant's is asked for with one. Throws `header_invalid`. */
export function onceKeyOf({ method, access }: RouteSpec, request: Request): string | undefined {
  const key = request.headers.get(NAME)
  if (key === null || method !== 'POST' || access === 'public' || access === 'setup_token') return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new GatewayError('header_invalid', `${NAME}: must be 1 to 255 visible ASCII characters.`, { param: NAME })
}

async function fingerprintOf(c: ControlContext, ports: ControlPorts): Promise<string> {
  const { text } = await readBody(c.req.raw.clone(), ports.maxBodyBytes)
  // A principal is part of it: what one was told is not said to another, who may know less.
  const { kind, id } = c.get('principal')
  return createHash('sha256')
    .update(JSON.stringify([kind, id, c.req.path, text]))
    .digest('base64url')
}

function replay(row: AnswerRow, fingerprint: string, nowMs: number): Response {
  if (row.fingerprint !== fingerprint) {
    throw new GatewayError('idempotency_key_reused', 'This Idempotency-Key was sent with another request.')
  }
  if (row.status === null) {
    const extras = { retryAfterMs: row.expiresMs - nowMs }
    throw new GatewayError('idempotency_in_progress', 'The same request is being answered at this moment.', extras)
  }
  const headers = { 'content-type': row.contentType ?? '', 'x-weir-replayed': 'true' }
  return new Response(row.body, { status: row.status, headers })
}

// Whoever made nothing may try again; `change_pending` is the one failure that leaves something behind.
function isKept(thrown: unknown): boolean {
  return thrown instanceof GatewayError && thrown.code === 'change_pending'
}

async function keep(answer: Response, claimed: AnswerClaim, { route, ports }: Once): Promise<void> {
  const body = maskSecret(await answer.clone().text(), route.secret)
  const contentType = answer.headers.get('content-type') ?? ''
  const kept = { status: answer.status, contentType, body, expiresMs: ports.nowMs() + KEEP_MS }
  // What was made is made: that it could not be written down is no reason to say otherwise.
  await keepAnswer(ports.db, claimed, kept).catch(() => undefined)
}

/** A request that is to be answered once. */
type Once = { key: string; route: RouteSpec; c: ControlContext; ports: ControlPorts }

async function make(claimed: AnswerClaim, once: Once, handle: () => Promise<Response>): Promise<Response> {
  try {
    const answer = await handle()
    await keep(answer, claimed, once)
    return answer
  } catch (thrown) {
    if (isKept(thrown)) await keep(renderError(thrown, once.c, once.ports), claimed, once)
    else await releaseAnswer(once.ports.db, claimed)
    throw thrown
  }
}

/**
 * Answers the first request of a key, and the same to those that repeat it within a day, without what was shown once. Throws
 * `idempotency_key_reused` for another request, `idempotency_in_progress` while the first is being answered.
 */
export async function answerOnce(once: Once, handle: () => Promise<Response>): Promise<Response> {
  const { key, route, c, ports } = once
  const nowMs = ports.nowMs()
  const fingerprint = await fingerprintOf(c, ports)
  const names = { tenantId: c.get('principal').tenantId, operation: route.operationId, key }
  const claimed = { ...names, fingerprint, claim: ports.newId(), expiresMs: nowMs + CLAIM_MS }
  const row = await claimAnswer(ports.db, claimed, nowMs)
  if (row && row.claim !== claimed.claim) return replay(row, fingerprint, nowMs)
  return make(claimed, once, handle)
}
