import { z } from 'zod'
import type { DocumentedRoute } from '../contracts/route-facts.ts'

/** RFC 9457 problem details, as `/v1` answers them. */
export const ProblemShape = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  param: z.string().nullable(),
  request_id: z.string(),
  trace_id: z.string().regex(/^[0-9a-f]{32}$/),
  timestamp: z.iso.datetime(),
  details: z.record(z.string(), z.unknown()),
})

/** The error body of `/api/governance/*`, which is Bifrost's. */
export const GovernanceErrorShape = z.object({
  is_bifrost_error: z.literal(false),
  status_code: z.int(),
  error: z.object({ message: z.string(), error: z.string().optional() }),
  extra_fields: z.object({}),
})

const WORDS: Record<number, string> = {
  400: 'The request is not one that this route takes.',
  401: 'No credential, or one that is not valid.',
  402: 'A budget is spent, in a tenant that wants this status for it (`budget_exceeded_status`).',
  403: 'The credential lacks the scope or the role.',
  404: 'There is no such thing, or none of yours.',
  409: 'It is there already, or the same request is being answered.',
  412: 'It was changed since `If-Match` was read.',
  413: 'The body is too large.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'Too many requests.',
  500: 'Something went wrong on our side.',
  502: 'The provider failed.',
  503: 'Saved and not yet in force, or a part of Weir does not answer.',
  504: 'The provider fell silent.',
}

function hasInput({ body, query }: DocumentedRoute): boolean {
  return body !== undefined || query !== undefined
}

// A credential may want a header of its own, and be wrong. A public route that takes something is one by which somebody signs in.
function isForCallers({ access, method }: DocumentedRoute): boolean {
  return access !== 'public' || method !== 'GET'
}

// What is asked for by its id may be nobody's.
function mayBeMissing({ path, access, isQuestion }: DocumentedRoute): boolean {
  return path.includes(':') || access === 'setup_token' || isQuestion === true
}

function isWriting({ method, isQuestion }: DocumentedRoute): boolean {
  return method !== 'GET' && !isQuestion
}

// Weir's own refusals. What a provider refuses goes on with the provider's status, whichever that is.
function dataPlaneStatuses({ method }: DocumentedRoute): number[] {
  return [400, 401, 403, 404, ...(method === 'POST' ? [402, 409, 413, 422] : []), 429, 500, 502, 503, 504]
}

/** Whether a route answers on a provider's wire, and with what a provider refuses. */
export function isOfDataPlane({ access, isAboutKey }: DocumentedRoute): boolean {
  return access === 'virtual_key' && !isAboutKey
}

function statusesOf(route: DocumentedRoute): number[] {
  if (isOfDataPlane(route)) return dataPlaneStatuses(route)
  const { method, body, hasEtag } = route
  const writes = isWriting(route)
  return [
    ...(hasInput(route) || isForCallers(route) ? [400] : []),
    ...(isForCallers(route) ? [401, 403] : []),
    ...(mayBeMissing(route) ? [404] : []),
    ...(writes ? [409] : []),
    ...(writes && method !== 'POST' && hasEtag ? [412] : []),
    ...(body ? [413] : []),
    ...(method === 'POST' && writes ? [422] : []),
    ...[429, 500, 503],
  ]
}

/** What a route may answer beyond what it says of itself, each status with its words. */
export function errorsOf(route: DocumentedRoute): [status: number, words: string][] {
  return statusesOf(route).map(status => [status, WORDS[status] ?? ''])
}
