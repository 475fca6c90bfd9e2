import type { DocumentedRoute } from '../contracts/route-facts.ts'
import { GovernanceErrorShape, ProblemShape } from './errors-of.ts'
import { type Operation, operationOf, templateOf } from './operation-of.ts'
import { schemaOf } from './schema-of.ts'

const DESCRIPTION = `Weir decides who may spend how much on which model, measures what it really cost, and proves it.
The data plane takes virtual keys on the wires of OpenAI, Anthropic and Gemini; the management API takes admin keys and API keys.`

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description })
const header = { type: 'apiKey', in: 'header', name: 'x-api-key' }

const securitySchemes = {
  bearer: bearer(
    'An admin key, an API key (weir-admin-..., weir-api-...), an access token, or a JWT (docs/sign-in.md).',
  ),
  signature: {
    ...{ type: 'apiKey', in: 'header', name: 'Authorization' },
    description: 'WEIR-HMAC-SHA256 keyId=..., ts=..., nonce=..., signature=... (docs/sign-in.md).',
  },
  keyHeader: header,
  setupToken: bearer('WEIR_SETUP_TOKEN of the deployment.'),
  virtualKey: bearer('A virtual key (sk-bf-...).'),
  virtualKeyHeader: header,
}

const schemas = {
  Problem: schemaOf(ProblemShape, 'output'),
  GovernanceError: schemaOf(GovernanceErrorShape, 'output'),
}

function pathsOf(routes: readonly DocumentedRoute[]) {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of routes) {
    const path = templateOf(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

/** The OpenAPI 3.1 document of these routes, made of the schemas by which they read and the shapes that they answer. */
export function openApiDocument(routes: readonly DocumentedRoute[]) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(route => route.tag))].map(name => ({ name })),
    paths: pathsOf(routes),
    components: { schemas, securitySchemes },
  }
}

/** The document. */
export type OpenApiDocument = ReturnType<typeof openApiDocument>
