import { Hono } from 'hono'
import type { GroupKind } from '../db/group-record.ts'
import { listAlerts } from './alerts/list-alerts.ts'
import { getCosts } from './analytics/get-costs.ts'
import { getEvent } from './events/get-event.ts'
import { listEvents } from './events/list-events.ts'
import { createGroup } from './governance/create-group.ts'
import { createKey } from './governance/create-key.ts'
import { deleteGroup } from './governance/delete-group.ts'
import { deleteKey } from './governance/delete-key.ts'
import { getGroup } from './governance/get-group.ts'
import { getKey } from './governance/get-key.ts'
import { listGroups } from './governance/list-groups.ts'
import { listVirtualKeys } from './governance/list-keys.ts'
import { listBudgets, listRateLimits } from './governance/list-limit-rows.ts'
import { deleteProvider, listProviders, updateProvider } from './governance/provider-limits.ts'
import { updateGroup } from './governance/update-group.ts'
import { updateKey } from './governance/update-key.ts'
import { getReconcile } from './health/get-reconcile.ts'
import type { ControlContext, ControlEnv } from './http/env.ts'
import { renderError } from './http/render-error.ts'
import { requireAdmin } from './http/require-admin.ts'
import { createLimit } from './limits/create-limit.ts'
import { deleteLimit } from './limits/delete-limit.ts'
import { getLimit } from './limits/get-limit.ts'
import { listLimits } from './limits/list-limits.ts'
import { updateLimit } from './limits/update-limit.ts'
import type { ControlPorts } from './ports.ts'
import { createProvider as createAccount } from './provider-keys/create-provider.ts'
import { deleteProvider as deleteAccount } from './provider-keys/delete-provider.ts'
import { getProvider as getAccount } from './provider-keys/get-provider.ts'
import { listProviders as listAccounts, listAllKeys } from './provider-keys/list-providers.ts'
import {
  createProviderKey,
  deleteProviderKey,
  getProviderKey,
  listProviderKeys,
  rotateProviderKey,
  updateProviderKey,
} from './provider-keys/provider-keys.ts'
import { updateProvider as updateAccount } from './provider-keys/update-provider.ts'
import { setUp } from './setup/set-up.ts'

type Handler = (c: ControlContext, ports: ControlPorts) => Promise<Response>
type Route = [method: string, path: string, handler: Handler]

const KEYS = '/api/governance/virtual-keys'
const KEY = `${KEYS}/:id`
const PROVIDERS = '/api/governance/providers'

function groupRoutes(kind: GroupKind): Route[] {
  const all = `/api/governance/${kind}s`
  const one = `${all}/:id`
  return [
    ['POST', all, createGroup(kind)],
    ['GET', all, listGroups(kind)],
    ['GET', one, getGroup(kind)],
    ['PUT', one, updateGroup(kind)],
    ['DELETE', one, deleteGroup(kind)],
  ]
}

const ACCOUNTS = '/api/providers'
const ACCOUNT = `${ACCOUNTS}/:name`
const ACCOUNT_KEYS = `${ACCOUNT}/keys`

const ACCOUNT_ROUTES: Route[] = [
  ['GET', ACCOUNTS, listAccounts],
  ['POST', ACCOUNTS, createAccount],
  ['GET', ACCOUNT, getAccount],
  ['PUT', ACCOUNT, updateAccount],
  ['DELETE', ACCOUNT, deleteAccount],
  ['GET', ACCOUNT_KEYS, listProviderKeys],
  ['POST', ACCOUNT_KEYS, createProviderKey],
  ['GET', `${ACCOUNT_KEYS}/:id`, getProviderKey],
  ['PUT', `${ACCOUNT_KEYS}/:id`, updateProviderKey],
  ['DELETE', `${ACCOUNT_KEYS}/:id`, deleteProviderKey],
  ['POST', `${ACCOUNT_KEYS}/:id/rotate`, rotateProviderKey],
  ['GET', '/api/keys', listAllKeys],
]

/** What only an admin may call. Each route asks for the key itself: mounted at `/`, a wildcard would catch the data plane. */
const ADMIN_ROUTES: Route[] = [
  ['POST', KEYS, createKey],
  ['GET', KEYS, listVirtualKeys],
  ['GET', KEY, getKey],
  ['PUT', KEY, updateKey],
  ['DELETE', KEY, deleteKey],
  ...groupRoutes('team'),
  ...groupRoutes('customer'),
  ['GET', '/api/governance/budgets', listBudgets],
  ['GET', '/api/governance/rate-limits', listRateLimits],
  ['GET', PROVIDERS, listProviders],
  ['PUT', `${PROVIDERS}/:name`, updateProvider],
  ['DELETE', `${PROVIDERS}/:name`, deleteProvider],
  ...ACCOUNT_ROUTES,
  ['POST', '/v1/limits', createLimit],
  ['GET', '/v1/limits', listLimits],
  ['GET', '/v1/limits/:id', getLimit],
  ['PUT', '/v1/limits/:id', updateLimit],
  ['DELETE', '/v1/limits/:id', deleteLimit],
  ['GET', '/v1/alerts', listAlerts],
  ['GET', '/v1/events', listEvents],
  ['GET', '/v1/events/:id', getEvent],
  ['GET', '/v1/analytics/costs', getCosts],
  ['GET', '/v1/health/reconcile', getReconcile],
]

/** The management API, to be mounted at `/`. The parent sets `requestId`, answers unknown paths, and logs `c.error`. */
export function controlApp(ports: ControlPorts): Hono<ControlEnv> {
  const app = new Hono<ControlEnv>()
  app.onError(renderError)
  app.post('/v1/setup', c => setUp(c, ports))
  for (const [method, path, handler] of ADMIN_ROUTES) {
    app.on(method, path, requireAdmin(ports), c => handler(c, ports))
  }
  return app
}
