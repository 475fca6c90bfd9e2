import { z } from 'zod'
import { SecretRotation, WebhookInput, WebhookUpdate } from '../../contracts/webhook-input.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { deleteWebhook, rotateSecret, updateWebhook } from './change-webhook.ts'
import { createWebhook } from './create-webhook.ts'
import { getWebhook, listDeliveries, listWebhooks } from './read-webhooks.ts'
import { redeliver, testWebhook } from './send-delivery.ts'
import { DeliveriesQuery, DeliveryShape, NewWebhookShape, WebhookShape } from './webhook-shape.ts'

const all = { path: '/v1/webhooks', tag: 'Webhooks' }
const one = { ...all, path: `${all.path}/:id` }
const read = { access: { scope: 'webhooks:read' } } as const
const write = { access: { scope: 'webhooks:write' } } as const

const READS: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, ...read, operationId: 'listWebhooks', summary: 'List webhooks, the newest first' },
    query: PageQuery,
    responses: { 200: listOf(WebhookShape) },
    handler: listWebhooks,
  },
  {
    ...{
      method: 'GET',
      ...one,
      ...read,
      operationId: 'getWebhook',
      summary: 'Get a webhook, and how its endpoint does',
    },
    responses: { 200: WebhookShape },
    hasEtag: true,
    handler: getWebhook,
  },
  {
    ...{ method: 'GET', ...all, ...read, path: `${one.path}/deliveries`, operationId: 'listWebhookDeliveries' },
    summary: 'What a webhook was told or is to be told, and each try, what happened last first',
    query: DeliveriesQuery,
    responses: { 200: listOf(DeliveryShape) },
    handler: listDeliveries,
  },
]

/** The routes of webhooks: where a tenant is told of what happens. */
export const WEBHOOK_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, ...write, operationId: 'createWebhook', body: WebhookInput },
    summary: 'Be told of events at an address; the secret that they are signed with is in this answer and in no other',
    responses: { 201: NewWebhookShape },
    secret: ['secret'],
    hasEtag: true,
    handler: createWebhook,
  },
  ...READS,
  {
    ...{ method: 'PUT', ...one, ...write, operationId: 'updateWebhook', body: WebhookUpdate },
    summary: 'Change what the body names of a webhook, and resume it',
    responses: { 200: WebhookShape },
    hasEtag: true,
    handler: updateWebhook,
  },
  {
    ...{ method: 'DELETE', ...one, ...write, operationId: 'deleteWebhook', summary: 'Delete a webhook with its log' },
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    hasEtag: true,
    handler: deleteWebhook,
  },
  {
    ...{ method: 'POST', ...one, ...write, path: `${one.path}/test`, operationId: 'testWebhook' },
    summary: 'Send a test event to a webhook, and resume it',
    responses: { 202: DeliveryShape },
    handler: testWebhook,
  },
  {
    ...{ method: 'POST', ...one, ...write, path: `${one.path}/rotate-secret`, operationId: 'rotateWebhookSecret' },
    summary: 'Give a webhook a new secret; the one before goes on being signed with for a while',
    body: SecretRotation,
    responses: { 200: NewWebhookShape },
    secret: ['secret'],
    hasEtag: true,
    handler: rotateSecret,
  },
  {
    ...{ method: 'POST', ...all, ...write, path: `${one.path}/deliveries/:delivery/redeliver` },
    operationId: 'redeliverWebhook',
    summary: 'Send a delivery again, and resume its webhook',
    responses: { 202: DeliveryShape },
    handler: redeliver,
  },
]
