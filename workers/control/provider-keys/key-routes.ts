import { z } from 'zod'
import { ProviderKeyInput, RotateInput } from '../../contracts/provider-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { listModels } from './list-models.ts'
import { listAllKeys } from './list-providers.ts'
import {
  createProviderKey,
  deleteProviderKey,
  getProviderKey,
  listProviderKeys,
  rotateProviderKey,
  updateProviderKey,
} from './provider-keys.ts'
import { ProviderKeyShape } from './provider-shape.ts'

const tag = 'Providers'
const text = z.string().optional()
const ModelsQuery = z.object({ query: text, provider: text, limit: z.int().min(1).max(10_000).optional() })
const ModelShape = z.object({ name: z.string(), provider: z.string() })
const all = { path: '/api/providers/:name/keys', tag }
const one = { path: `${all.path}/:id`, tag }
const rotate = { path: `${one.path}/rotate`, tag }
const every = { path: '/api/keys', tag }
const read = { scope: 'providers:read' } as const
const write = { scope: 'providers:write' } as const

/** The routes of the keys of a tenant's accounts. */
export const PROVIDER_KEY_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listProviderKeys',
    summary: 'List the keys of an account',
    responses: { 200: z.object({ keys: z.array(ProviderKeyShape), total: z.int().min(0) }) },
    handler: listProviderKeys,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createProviderKey',
    summary: 'Give an account another key',
    body: ProviderKeyInput,
    responses: { 200: ProviderKeyShape },
    hasEtag: true,
    handler: createProviderKey,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getProviderKey',
    summary: 'Get a key of an account',
    responses: { 200: ProviderKeyShape },
    hasEtag: true,
    handler: getProviderKey,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateProviderKey',
    summary: 'Change what the body names of a key',
    body: ProviderKeyInput,
    responses: { 200: ProviderKeyShape },
    hasEtag: true,
    handler: updateProviderKey,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteProviderKey',
    summary: 'Take a key from an account',
    responses: { 200: z.object({ message: z.string() }) },
    hasEtag: true,
    handler: deleteProviderKey,
  },
  {
    ...{ method: 'POST', ...rotate, access: write },
    operationId: 'rotateProviderKey',
    summary: 'Put another secret in the place of the one that a key has',
    body: RotateInput,
    responses: { 200: ProviderKeyShape },
    hasEtag: true,
    handler: rotateProviderKey,
  },
  {
    ...{ method: 'GET', path: '/api/models', tag, access: read },
    operationId: 'listPricedModels',
    summary: 'List the models that a price is known of',
    query: ModelsQuery,
    responses: { 200: z.object({ models: z.array(ModelShape), total: z.int().min(0) }) },
    handler: listModels,
  },
  {
    ...{ method: 'GET', ...every, access: read },
    operationId: 'listAllProviderKeys',
    summary: 'List the keys of all accounts',
    responses: { 200: z.array(ProviderKeyShape) },
    handler: listAllKeys,
  },
]
