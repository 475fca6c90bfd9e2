import type { z } from 'zod'
import type { Role } from '../core/access/role.ts'
import type { Scope } from '../core/access/scope.ts'

/**
 * Who may call a route: anyone, who has the setup token, who presents a virtual key, any principal (`signed_in`), or one with this
 * scope and, where given, one of these roles.
 */
export type Access = 'public' | 'setup_token' | 'virtual_key' | 'signed_in' | { scope: Scope; roles?: readonly Role[] }

/** When a route was deprecated and when it goes away, in UTC epoch milliseconds, and where to go instead. */
export type Deprecation = { sinceMs: number; sunsetMs?: number; successor?: string }

/** Answers by status: the shape of the body, or a sentence where it has none that is JSON of ours. */
export type Responses = Partial<Record<number, z.ZodType | string>>

/** What a route of any plane says of itself. All of it is in the OpenAPI document. */
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
  /** Of the management API, and opened by a virtual key, which sees itself and nothing else. */
  isAboutKey?: true
  /** A `POST` that only asks, since what it asks is too long for an address. */
  isQuestion?: true
}

/** A route with its method, as the document lists it. */
export type DocumentedRoute = RouteFacts & { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' }
