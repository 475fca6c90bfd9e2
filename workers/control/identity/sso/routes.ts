import { z } from 'zod'
import { SsoProviderInput } from '../../../contracts/sso-input.ts'
import { listOf, PageQuery } from '../../http/page.ts'
import type { RouteSpec } from '../../http/route-spec.ts'
import { createProvider } from './create-provider.ts'
import { deleteProvider } from './delete-provider.ts'
import { getProvider } from './get-provider.ts'
import { listProviders } from './list-providers.ts'
import { SsoProviderShape } from './render-provider.ts'
import { updateProvider } from './update-provider.ts'

const all = { path: '/v1/identity/sso', tag: 'Identity' }
const one = { path: '/v1/identity/sso/:id', tag: 'Identity', hasEtag: true } as const
const read = { scope: 'identity:read' } as const
// Who sets a provider can sign in as anyone, so nobody below an owner does.
const write = { scope: 'identity:write', roles: ['owner'] } as const
const data = z.object({ data: SsoProviderShape })

/** The routes of the identity providers whose JWTs a tenant lets in. */
export const SSO_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listSsoProviders',
    summary: 'List identity providers, the newest first',
    query: PageQuery,
    responses: { 200: listOf(SsoProviderShape) },
    handler: listProviders,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createSsoProvider',
    summary: 'Let in whom an OpenID Connect provider vouches for',
    body: SsoProviderInput,
    responses: { 201: data },
    hasEtag: true,
    handler: createProvider,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getSsoProvider',
    summary: 'An identity provider',
    responses: { 200: data },
    handler: getProvider,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateSsoProvider',
    summary: 'Replace the settings of an identity provider',
    body: SsoProviderInput,
    responses: { 200: data },
    handler: updateProvider,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteSsoProvider',
    summary: 'Let in nobody by this provider any more',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteProvider,
  },
]
