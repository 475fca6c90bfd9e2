import { and, eq, inArray, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigKind } from '../core/config/config-kind.ts'
import type { Database } from './database.ts'
import { configObject } from './schema/config.ts'

/** Objects by their ids, whatever of these kinds they are. */
export type ConfigHashQuery = { tenantId: TenantId; kinds: readonly ConfigKind[]; ids: readonly string[] }

/** What files last made of some of a tenant's objects: the hash of each that a file made, by its id. */
export async function findConfigHashes(db: Database, query: ConfigHashQuery): Promise<Map<string, string>> {
  const { tenantId, kinds, ids } = query
  const rows = await db
    .select({ id: configObject.objectId, hash: configObject.configHash })
    .from(configObject)
    .where(
      and(
        eq(configObject.tenantId, tenantId),
        inArray(configObject.kind, [...kinds]),
        // One parameter, however many ids there are.
        sql`${configObject.objectId} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
      ),
    )
  return new Map(rows.map(({ id, hash }) => [id, hash]))
}
