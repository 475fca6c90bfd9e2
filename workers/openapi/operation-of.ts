import { isDeclared } from '../contracts/declared-routes.ts'
import type { DocumentedRoute } from '../contracts/route-facts.ts'
import { CONFIG_HASH } from '../core/config/config-kind.ts'
import { errorsOf, isOfDataPlane } from './errors-of.ts'
import { type JsonSchema, schemaOf } from './schema-of.ts'

const text: JsonSchema = { type: 'string' }

/** A path as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')
}

function pathParameters({ path }: DocumentedRoute) {
  return [...templateOf(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
  }))
}

function queryParameters({ query }: DocumentedRoute) {
  if (!query) return []
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema }
  })
}

const declared = [
  { name: 'X-Weir-Config-Hash', in: 'header', schema: { type: 'string', pattern: CONFIG_HASH.source } },
  { name: 'X-Weir-Dry-Run', in: 'header', schema: { type: 'string', enum: ['true', 'false'] } },
]

function headerParameters(route: DocumentedRoute) {
  const { method, access, hasEtag, isQuestion } = route
  const isCreate = method === 'POST' && !isQuestion && access !== 'public' && access !== 'setup_token'
  const isOfTenant = typeof access !== 'string' || access === 'signed_in'
  const tenant = { name: 'X-Active-Tenant-Id', in: 'header', schema: { type: 'string', format: 'uuid' } }
  const once = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' } }
  const match = { name: 'If-Match', in: 'header', schema: text }
  return [
    ...(isOfTenant ? [tenant] : []),
    ...(isCreate ? [once] : []),
    ...(hasEtag && ['PUT', 'PATCH', 'DELETE'].includes(method) ? [match] : []),
    ...(isDeclared(route) ? declared : []),
  ]
}

function errorSchema(route: DocumentedRoute) {
  if (route.path.startsWith('/api/')) {
    return { 'application/json': { schema: { $ref: '#/components/schemas/GovernanceError' } } }
  }
  if (isOfDataPlane(route)) return { 'application/json': { schema: {} } }
  return { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
}

function passedOn(route: DocumentedRoute) {
  if (!isOfDataPlane(route)) return []
  const description = 'What the provider refused, with its own status.'
  return [['default', { description, content: errorSchema(route) }]]
}

function responsesOf(route: DocumentedRoute) {
  const etag = route.hasEtag && { headers: { ETag: { schema: text } } }
  const own = Object.entries(route.responses).map(([status, shape]) => {
    if (typeof shape === 'string') return [status, { description: shape }]
    const content = shape && { 'application/json': { schema: schemaOf(shape, 'output') } }
    return [status, { description: 'As asked for.', ...etag, content }]
  })
  const errors = errorsOf(route).map(([status, description]) => [status, { description, content: errorSchema(route) }])
  return Object.fromEntries([...errors, ...own, ...passedOn(route)])
}

function securityOf({ access }: DocumentedRoute) {
  if (access === 'public') return []
  if (access === 'setup_token') return [{ setupToken: [] }]
  if (access === 'virtual_key') return [{ virtualKey: [] }, { virtualKeyHeader: [] }]
  return [{ bearer: [] }, { keyHeader: [] }, { signature: [] }]
}

function accessWords({ access }: DocumentedRoute) {
  if (access === 'signed_in') return { description: 'Needs a good credential, of whatever scopes.' }
  if (typeof access === 'string') return {}
  const { scope, roles } = access
  const role = roles ? `, and one of the roles ${roles.join(', ')}` : ''
  return { description: `Needs the scope \`${scope}\`${role}.`, 'x-required-scope': scope }
}

function bodyOf({ body }: DocumentedRoute) {
  if (!body) return {}
  return { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }
}

/** One route as an OpenAPI operation. */
export function operationOf(route: DocumentedRoute) {
  const { operationId, summary, tag, deprecated } = route
  return {
    ...{ operationId, summary, tags: [tag] },
    ...accessWords(route),
    ...(deprecated && { deprecated: true }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...bodyOf(route),
    responses: responsesOf(route),
    security: securityOf(route),
  }
}

/** An operation of the document. */
export type Operation = ReturnType<typeof operationOf>
