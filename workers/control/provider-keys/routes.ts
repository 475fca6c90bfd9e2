import { z } from 'zod'
import { ProviderInput } from '../../contracts/provider-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createProvider } from './create-provider.ts'
import { deleteProvider } from './delete-provider.ts'
import { getProvider } from './get-provider.ts'
import { PROVIDER_KEY_ROUTES } from './key-routes.ts'
import { listProviders } from './list-providers.ts'
import { AccountShape } from './provider-shape.ts'
import { updateProvider } from './update-provider.ts'

const all = { path: '/api/providers', tag: 'Providers' }
const one = { path: '/api/providers/:name', tag: 'Providers' }
const read = { scope: 'providers:read' } as const
const write = { scope: 'providers:write' } as const
const count = z.int().min(0)

/** The routes of a tenant's own accounts at providers, and of their keys. */
export const PROVIDER_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listProviders',
    summary: "List the providers that the tenant can use: its own, and the deployment's",
    responses: { 200: z.object({ providers: z.array(AccountShape), total: count }) },
    handler: listProviders,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createProvider',
    summary: 'Make an account at a provider, with its keys',
    body: ProviderInput,
    responses: { 200: AccountShape },
    hasEtag: true,
    handler: createProvider,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getProvider',
    summary: 'Get a provider',
    responses: { 200: AccountShape },
    hasEtag: true,
    handler: getProvider,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateProvider',
    summary: 'Change what the body names of an account',
    body: ProviderInput,
    responses: { 200: AccountShape },
    hasEtag: true,
    handler: updateProvider,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteProvider',
    summary: 'Delete an account with its keys',
    responses: { 200: z.object({ message: z.string() }) },
    hasEtag: true,
    handler: deleteProvider,
  },
  ...PROVIDER_KEY_ROUTES,
]
