import { z } from 'zod'
import { ApiKeyInput } from '../../contracts/api-key-input.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createApiKey } from './create-api-key.ts'
import { deleteApiKey } from './delete-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'
import { ApiKeyShape, NewApiKeyShape } from './render-api-key.ts'

const tag = 'API keys'

/** The routes of API keys, which open the management API. */
export const API_KEY_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', path: '/v1/api-keys', tag, access: { scope: 'api_keys:write' } },
    operationId: 'createApiKey',
    summary: 'Make an API key; its text is in this answer and in no other',
    body: ApiKeyInput,
    responses: { 201: NewApiKeyShape },
    secret: ['key'],
    handler: createApiKey,
  },
  {
    ...{ method: 'GET', path: '/v1/api-keys', tag, access: { scope: 'api_keys:read' } },
    operationId: 'listApiKeys',
    summary: 'List API keys, the newest first',
    query: PageQuery,
    responses: { 200: listOf(ApiKeyShape) },
    handler: listApiKeys,
  },
  {
    ...{ method: 'DELETE', path: '/v1/api-keys/:id', tag, access: { scope: 'api_keys:write' } },
    operationId: 'deleteApiKey',
    summary: 'Revoke an API key at once',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteApiKey,
  },
]
