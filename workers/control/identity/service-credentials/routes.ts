import { z } from 'zod'
import { ServiceCredentialInput } from '../../../contracts/credential-input.ts'
import { listOf, PageQuery } from '../../http/page.ts'
import type { RouteSpec } from '../../http/route-spec.ts'
import { createServiceCredential } from './create-service-credential.ts'
import { deleteServiceCredential } from './delete-service-credential.ts'
import { listServiceCredentials } from './list-service-credentials.ts'
import { NewServiceCredentialShape, ServiceCredentialShape } from './render-service-credential.ts'

const all = { path: '/v1/identity/service-credentials', tag: 'Identity' }

/** The routes of what partners sign their tokens with. */
export const SERVICE_CREDENTIAL_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, access: { scope: 'identity:write' } },
    operationId: 'createServiceCredential',
    summary: 'Make a secret to sign HS256 tokens with; it is in this answer and in no other',
    body: ServiceCredentialInput,
    responses: { 201: NewServiceCredentialShape },
    secret: ['secret'],
    handler: createServiceCredential,
  },
  {
    ...{ method: 'GET', ...all, access: { scope: 'identity:read' } },
    operationId: 'listServiceCredentials',
    summary: 'List service credentials, the newest first',
    query: PageQuery,
    responses: { 200: listOf(ServiceCredentialShape) },
    handler: listServiceCredentials,
  },
  {
    ...{ method: 'DELETE', ...all, path: `${all.path}/:id`, access: { scope: 'identity:write' } },
    operationId: 'deleteServiceCredential',
    summary: 'Revoke a service credential, and every token signed with it, at once',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteServiceCredential,
  },
]
