import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { buildSnapshot } from '../../workers/control/governance/build-snapshot.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { isOwnScope } from '../../workers/core/quota/scope.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { findKey } from '../../workers/db/find-key.ts'
import { inOneBatch } from '../../workers/db/in-one-batch.ts'
import { rebuildOutdated } from '../../workers/db/rebuild-snapshots.ts'
import { type Call, type Control, fakeControl, KEYS, send } from './fake-ports.ts'
import { type Ids, inhabitedTenant, PUBLIC_SAMPLES, SAMPLES } from './route-samples.ts'

type Whom = { tenantId: string; ids: Ids }
type Write = { operationId: string; index: number; sample: (of: Whom) => Call; isOperator: boolean }

/** What the operator changes of a tenant that there is. */
const OPERATORS = ['setPlan', 'setStatus', 'recomputeRollups', 'moveTenant']
/** Routes that change something and are no tenant's: by which tenants begin, and those of users who sign in. */
const UNTENANTED = [
  ...['acceptInvitation', 'changePassword', 'createTenant', 'logIn', 'logOut', 'refreshSession', 'setUp'],
]
/** Routes that change what no meter or budget object acts by. */
const UNFELT = [
  'changeRole',
  'createAgentCredential',
  'createApiKey',
  'createExport',
  'createProvider',
  'createServiceCredential',
  'createSsoProvider',
  'createAlert',
  'createWebhook',
  'deleteAgentCredential',
  'deleteApiKey',
  'deleteExport',
  'deleteFlag',
  'deleteServiceCredential',
  'deleteSsoProvider',
  'deleteAlert',
  'deleteWebhook',
  'inviteMember',
  'markConfigObjects',
  'moveTenant',
  'putBranding',
  'putFlag',
  'recomputeRollups',
  'redeliverWebhook',
  'refreshMcpTools',
  'removeMember',
  'reportEvents',
  'revokeInvitation',
  'rotateWebhookSecret',
  'setPlan',
  'testWebhook',
  'updateSsoProvider',
  'updateAlert',
  'updateWebhook',
]
const CHANGING = CONTROL_ROUTES.filter(({ method, isQuestion }) => method !== 'GET' && !isQuestion)

function writesOf(operationId: string): Write[] {
  if (OPERATORS.includes(operationId)) {
    const nobody = { email: '', refreshToken: '', invitationToken: '', downloadPath: '', eventId: '' }
    const sample = ({ tenantId }: Whom) => PUBLIC_SAMPLES[operationId]?.({ ...nobody, tenantId }) as Call
    return [{ operationId, index: 0, sample, isOperator: true }]
  }
  const samples = SAMPLES[operationId] ?? []
  return samples.map((sample, index) => ({ operationId, index, sample: ({ ids }) => sample(ids), isOperator: false }))
}

/** Every good request of every route that changes something of a tenant's. */
const WRITES = CHANGING.filter(({ operationId }) => !UNTENANTED.includes(operationId)).flatMap(({ operationId }) =>
  writesOf(operationId),
)

/** Of each route, whether any of its samples told a meter or a budget object something new. */
const felt = new Map<string, boolean>()

async function countUnpushed(tenantId: TenantId): Promise<number | null> {
  const text = `SELECT
    (SELECT count(*) FROM key_snapshot AS s JOIN virtual_key AS k ON k.tenant_id = s.tenant_id AND k.id = s.key_id
      WHERE s.tenant_id = ?1 AND (s.pushed_version < s.version OR s.version <> k.version)) +
    (SELECT count(*) FROM scope_snapshot WHERE tenant_id = ?1 AND pushed_version < version) AS n`
  return env.DB.prepare(text).bind(tenantId).first<number>('n')
}

/** What the rows say of each scope that budget objects own limits of, and what they were told last. */
async function scopesOf(tenantId: TenantId, { pushedScopes }: Control) {
  const text = `SELECT one.scope, (SELECT json_group_array(value) FROM (SELECT id || ' ' || max AS value FROM scope_limit AS l
      WHERE l.tenant_id = ?1 AND l.scope = one.scope ORDER BY place, seq)) AS limits
    FROM (SELECT DISTINCT scope FROM scope_limit WHERE tenant_id = ?1 AND (virtual_key_id IS NULL OR virtual_key_id IN
      (SELECT id FROM virtual_key WHERE tenant_id = ?1 AND meter_regions IS NOT NULL))
      UNION SELECT scope FROM scope_snapshot WHERE tenant_id = ?1) AS one ORDER BY scope`
  const rows = (await env.DB.prepare(text).bind(tenantId).all<{ scope: string; limits: string }>()).results
  const told = rows.map(({ scope }) => {
    const [newest] = pushedScopes
      .filter(one => one.tenantId === tenantId && one.scope === scope)
      .toSorted((a, b) => b.version - a.version)
    return { scope, limits: newest?.limits.map(({ id, max }) => `${id} ${max}`) }
  })
  return { told, rows: rows.map(({ scope, limits }) => ({ scope, limits: JSON.parse(limits) })) }
}

/** All snapshots of a tenant as they would be if every key had changed: made of the rows as they are. */
async function remade(tenantId: TenantId): Promise<KeySnapshot[]> {
  const db = openDatabase(env.DB)
  await env.DB.prepare('UPDATE virtual_key SET version = version + 1 WHERE tenant_id = ?1').bind(tenantId).run()
  await inOneBatch(db, [rebuildOutdated(tenantId)])
  const rows = await env.DB.prepare('SELECT body FROM key_snapshot WHERE tenant_id = ?1')
    .bind(tenantId)
    .all<{ body: string }>()
  return rows.results.map(({ body }) => JSON.parse(body))
}

// What budget objects alone know may be out of date in a key's snapshot.
function plain(limit: Limit): Limit {
  const { thresholds: _, ...rest } = limit
  return isOwnScope(limit.scope) ? limit : { ...rest, max: 0 }
}

function told({ version: _, limits, ...rest }: KeySnapshot) {
  return { ...rest, limits: limits.map(plain) }
}

function newest({ pushed }: Control, keyId: string): KeySnapshot | undefined {
  return pushed.filter(one => one.keyId === keyId).toSorted((a, b) => b.version - a.version)[0]
}

/** A tenant of which there is one of everything, and keys in a team and of a customer beside the one that is in neither. */
async function crowded(control: Control) {
  const tenant = await inhabitedTenant(control)
  const config = { provider: 'own', allowed_models: ['*'], key_ids: ['*'] }
  for (const owner of [{ team_id: tenant.ids.team }, { customer_id: tenant.ids.customer }]) {
    const made = await tenant.call('POST', KEYS, { name: crypto.randomUUID(), provider_configs: [config], ...owner })
    if (made.status !== 200) throw new Error(JSON.stringify(made.body))
  }
  return tenant
}

describe('a change', () => {
  it('is tried of each route that makes one: a new route without a sample fails here', ({ expect }) => {
    const tried = [...WRITES.map(({ operationId }) => operationId), ...UNTENANTED]
    const names = CHANGING.map(({ operationId }) => operationId)
    expect([...new Set(tried)].toSorted()).toEqual(names.toSorted())
    // And no route that asks for a scope, and so for a tenant, is among those that are passed over.
    const scoped = CHANGING.filter(({ access }) => typeof access !== 'string').map(({ operationId }) => operationId)
    expect(UNTENANTED.filter(name => scoped.includes(name))).toEqual([])
  })

  it.for(WRITES)(
    'is with every meter and budget object that acts by it before it is answered: $operationId $index',
    async ({ operationId, sample, isOperator }, { expect }) => {
      const control = fakeControl()
      const tenant = await crowded(control)
      const before = control.pushed.length + control.pushedScopes.length
      const answer = await send(control, isOperator ? 'setup-token' : tenant.adminKey, sample(tenant))
      expect(answer.status).toBeLessThan(300)
      const isFelt = control.pushed.length + control.pushedScopes.length > before
      felt.set(operationId, isFelt || felt.get(operationId) === true)
      expect(await countUnpushed(tenant.tenantId)).toBe(0)
      const scopes = await scopesOf(tenant.tenantId, control)
      expect(scopes.told).toEqual(scopes.rows)
      const snapshots = await remade(tenant.tenantId)
      expect(snapshots.length).toBeGreaterThanOrEqual(3)
      for (const snapshot of snapshots) {
        const pushed = newest(control, snapshot.keyId)
        expect(pushed && told(pushed)).toEqual(told(snapshot))
        const record = await findKey(control.ports.db, { tenantId: tenant.tenantId, id: snapshot.keyId })
        if (!record) continue
        const { version: _, limits, isActive, ...own } = buildSnapshot(record)
        // The operator's word goes before the row's.
        expect(pushed).toMatchObject({ ...own, isActive: isActive && operationId !== 'setStatus' })
        expect(pushed?.limits.filter(({ scope }) => isOwnScope(scope))).toEqual(limits)
      }
    },
  )

  // A sample that changes nothing would pass the test above: each route is one of those that meters feel, or is named here.
  it('is felt by a meter, or is of what no meter acts by', ({ expect, skip }) => {
    if (felt.size < new Set(WRITES.map(({ operationId }) => operationId)).size) skip()
    const quiet = [...felt].filter(([, isFelt]) => !isFelt).map(([operationId]) => operationId)
    expect(quiet.toSorted()).toEqual(UNFELT.toSorted())
  })

  it('that nobody was told of is noticed by the test above', async ({ expect }) => {
    const control = fakeControl()
    const { tenantId, ids } = await crowded(control)
    const text = 'UPDATE pricing_override SET pattern = ?2 WHERE tenant_id = ?1 AND id = ?3'
    await env.DB.prepare(text).bind(tenantId, 'other*', ids.override).run()
    const [snapshot] = await remade(tenantId)
    const pushed = snapshot && newest(control, snapshot.keyId)
    expect(pushed && snapshot && [told(pushed), told(snapshot)]).toHaveLength(2)
    expect(pushed && told(pushed)).not.toEqual(snapshot && told(snapshot))
  })
})
