import type { z } from 'zod'
import type { Role } from '../../core/access/role.ts'
import type { Scope } from '../../core/access/scope.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'

/** Who may call a route: anyone, who has the setup token, or a principal with this scope and, where given, one of these roles. */
export type Access = 'public' | 'setup_token' | { scope: Scope; roles?: readonly Role[] }

/** When a route was deprecated and when it goes away, in UTC epoch milliseconds, and where to go instead. */
export type Deprecation = { sinceMs: number; sunsetMs?: number; successor?: string }

/** Answers by status: the shape of the body, or a sentence where it has none that is JSON. */
export type Responses = Partial<Record<number, z.ZodType | string>>

/** What a route says of itself, whatever it does. All of it is in the OpenAPI document. */
export type RouteFacts = {
  /** As Hono writes it: `/v1/limits/:id`. */
  path: string
  operationId: string
  summary: string
  tag: string
  access: Access
  query?: z.ZodObject
  body?: z.ZodType
  /** Those of the route itself. What any route may answer, such as 401, is added where the document is made. */
  responses: Responses
  deprecated?: Deprecation
  /** Its answers carry an `ETag`, and where it changes something, it minds `If-Match`. */
  hasEtag?: true
  /** Where the answer holds a text that is shown once: the names on the way to it. It is masked where the answer is kept. */
  secret?: readonly string[]
}

/** A route that changes nothing: it is given no name to write into the audit trail, and so cannot call what writes one. */
export type ReadRoute = RouteFacts & {
  method: 'GET'
  handler: (c: ControlContext, ports: ControlPorts) => Promise<Response> | Response
}

/** A route that may change something, in the name of whoever called it. */
export type WriteRoute = RouteFacts & {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  handler: (c: ControlContext, ports: ActingPorts) => Promise<Response> | Response
}

/** One route of the management API. */
export type RouteSpec = ReadRoute | WriteRoute
