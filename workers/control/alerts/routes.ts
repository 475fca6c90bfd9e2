import { z } from 'zod'
import { AlertRuleInput, AlertRuleUpdate } from '../../contracts/alert-rule-input.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { AlertShape, AlertsQuery } from './alert-shape.ts'
import { listAlerts } from './list-alerts.ts'
import { getAlertRule, listAlertFirings, listAlertRules } from './read-rules.ts'
import { AlertRuleShape, FiringShape } from './rule-shape.ts'
import { createAlertRule, deleteAlertRule, updateAlertRule } from './write-rules.ts'

const all = { path: '/v1/alerts', tag: 'Alerts' }
const one = { ...all, path: `${all.path}/:id` }
const read = { access: { scope: 'alerts:read' } } as const
const write = { access: { scope: 'alerts:write' } } as const

const READS: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, ...read, operationId: 'listAlerts', summary: 'List rules of alerts, the newest first' },
    query: PageQuery,
    responses: { 200: listOf(AlertRuleShape) },
    handler: listAlertRules,
  },
  {
    ...{ method: 'GET', ...all, ...read, path: `${all.path}/reached`, operationId: 'listReachedThresholds' },
    summary: 'List thresholds that limits have reached, the newest first',
    query: AlertsQuery,
    responses: { 200: listOf(AlertShape) },
    handler: listAlerts,
  },
  {
    ...{ method: 'GET', ...one, ...read, operationId: 'getAlert', summary: 'Get a rule of alerts' },
    responses: { 200: AlertRuleShape },
    hasEtag: true,
    handler: getAlertRule,
  },
  {
    ...{ method: 'GET', ...one, ...read, path: `${one.path}/triggered`, operationId: 'listAlertFirings' },
    summary: 'List the times that a rule was met, the newest first',
    query: PageQuery,
    responses: { 200: listOf(FiringShape) },
    handler: listAlertFirings,
  },
]

/** Rules of alerts, and the thresholds that limits have reached. */
export const ALERT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, ...write, operationId: 'createAlert', body: AlertRuleInput },
    summary: 'Be told once a part of a budget is spent, or so much in a day, a week or a month',
    responses: { 201: AlertRuleShape },
    hasEtag: true,
    handler: createAlertRule,
  },
  ...READS,
  {
    ...{ method: 'PUT', ...one, ...write, operationId: 'updateAlert', body: AlertRuleUpdate },
    summary: 'Change what the body names of a rule of alerts',
    responses: { 200: AlertRuleShape },
    hasEtag: true,
    handler: updateAlertRule,
  },
  {
    ...{ method: 'DELETE', ...one, ...write, operationId: 'deleteAlert', summary: 'Delete a rule of alerts' },
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    hasEtag: true,
    handler: deleteAlertRule,
  },
]
