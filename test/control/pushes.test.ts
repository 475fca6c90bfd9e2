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
import { type Control, fakeControl, KEYS } from './fake-ports.ts'
import { inhabitedTenant, SAMPLES } from './route-samples.ts'

/** Every good request of every route that changes something of a tenant's. */
const WRITES = CONTROL_ROUTES.filter(({ method, access }) => method !== 'GET' && typeof access !== 'string').flatMap(
  ({ operationId }) => (SAMPLES[operationId] ?? []).map((sample, index) => ({ operationId, index, sample })),
)

async function countUnpushed(tenantId: TenantId): Promise<number | null> {
  const text = `SELECT
    (SELECT count(*) FROM key_snapshot AS s JOIN virtual_key AS k ON k.tenant_id = s.tenant_id AND k.id = s.key_id
      WHERE s.tenant_id = ?1 AND (s.pushed_version < s.version OR s.version <> k.version)) +
    (SELECT count(*) FROM scope_snapshot WHERE tenant_id = ?1 AND pushed_version < version) AS n`
  return env.DB.prepare(text).bind(tenantId).first<number>('n')
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
  it.for(WRITES)(
    'is with every meter and budget object that acts by it before it is answered: $operationId $index',
    async ({ sample }, { expect }) => {
      const control = fakeControl()
      const tenant = await crowded(control)
      const answer = await tenant.call(...sample(tenant.ids))
      expect(answer.status).toBeLessThan(300)
      expect(await countUnpushed(tenant.tenantId)).toBe(0)
      const snapshots = await remade(tenant.tenantId)
      expect(snapshots.length).toBeGreaterThanOrEqual(3)
      for (const snapshot of snapshots) {
        const pushed = newest(control, snapshot.keyId)
        expect(pushed && told(pushed)).toEqual(told(snapshot))
        const record = await findKey(control.ports.db, { tenantId: tenant.tenantId, id: snapshot.keyId })
        if (!record) continue
        const { version: _, limits, ...own } = buildSnapshot(record)
        expect(pushed).toMatchObject(own)
        expect(pushed?.limits.filter(({ scope }) => isOwnScope(scope))).toEqual(limits)
      }
    },
  )

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
