import type { LimitRows } from '../../db/key-record.ts'
import type { ModelConfigRow } from '../../db/model-config-record.ts'
import { showScope } from '../governance/governed-scope.ts'
import type { ControlPorts } from '../ports.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** A model config as Bifrost shows it, with the usage of its limits (contract 1.5). */
export async function showModelConfig(row: ModelConfigRow, limits: LimitRows, ports: ControlPorts) {
  const { tenantId, scope } = row
  return {
    id: row.id,
    model_name: row.modelName,
    provider: row.provider ?? undefined,
    ...(await showScope({ tenantId, scope, version: 0, ...limits }, ports)),
    config_hash: '',
    created_at: iso(row.createdMs),
    updated_at: iso(row.updatedMs),
  }
}
