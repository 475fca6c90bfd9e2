import { findScope } from '../../db/find-scope.ts'
import type { LimitRows } from '../../db/key-record.ts'
import { listLimitRows } from '../../db/list-limit-rows.ts'
import { findModelConfig, listModelConfigs as listRows } from '../../db/model-config-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { readPaging } from '../governance/key-list-query.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { showModelConfig } from './show-model-config.ts'

function limitsOf(scope: string, all: LimitRows): LimitRows {
  const isOf = (row: { scope: string }) => row.scope === scope
  return { budgets: all.budgets.filter(isOf), rateLimits: all.rateLimits.filter(isOf) }
}

/** `GET /api/governance/model-configs`, in Bifrost's list envelope (contract 1.0 and 1.5). */
export async function listModelConfigs(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const { search = '' } = c.req.query()
  const paging = readPaging(c.req.query(), ['limit', 'offset', 'search'])
  const [{ rows, total }, limits] = await Promise.all([
    listRows(ports.db, { tenantId, search, ...paging }),
    listLimitRows(ports.db, { tenantId, prefix: 'model:' }),
  ])
  const shown = await Promise.all(rows.map(row => showModelConfig(row, limitsOf(row.scope, limits), ports)))
  const limit = paging.limit < 0 ? total : paging.limit
  return c.json(
    await withConfigHashes(
      { model_configs: shown, count: shown.length, total_count: total, limit, offset: paging.offset },
      c,
      ports,
    ),
  )
}

/** The refusal of a config that never was, was deleted, or is another tenant's. */
export function modelConfigNotFound(): GatewayError {
  return new GatewayError('not_found', 'Model config not found')
}

/** `GET /api/governance/model-configs/{id}`. */
export async function getModelConfig(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const row = await findModelConfig(ports.db, { tenantId, id: c.req.param('id') ?? '' })
  if (!row) throw modelConfigNotFound()
  const limits = await findScope(ports.db, row)
  return c.json(await withConfigHashes({ model_config: await showModelConfig(row, limits, ports) }, c, ports))
}
