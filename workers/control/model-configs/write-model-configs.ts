import { ModelConfigInput } from '../../contracts/model-config-input.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import { findModelConfig, type ModelConfigRow } from '../../db/model-config-record.ts'
import type { ScopeRecord } from '../../db/scope-record.ts'
import { deleteModelConfig as deleteRow, insertModelConfig, touchModelConfig } from '../../db/write-model-config.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { changeScope, type ScopeEdit } from '../governance/change-scope.ts'
import { explainFlaw } from '../governance/explain-flaw.ts'
import { applyToScope } from '../governance/governed-scope.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { modelConfigNotFound } from './list-model-configs.ts'
import { checkSameModel, type ModelScope, modelScope } from './model-scope.ts'
import { showModelConfig } from './show-model-config.ts'

function readInput(c: ControlContext, ports: ActingPorts): Promise<ModelConfigInput> {
  return readJson(c.req.raw, { schema: ModelConfigInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw })
}

function taken({ modelName, provider }: ModelScope): GatewayError {
  const of = provider === null ? '(global)' : `with provider '${provider}'`
  return new GatewayError('already_exists', `Model config for model '${modelName}' ${of} already exists`)
}

/** A change of a config: its row as it is to be, how its limits change, and the statement that writes the row. */
type Edit = { row: ModelConfigRow; verb: 'create' | 'update' | 'delete'; change: ScopeEdit['change']; write: Statement }

async function save({ row, verb, change, write }: Edit, ports: ActingPorts): Promise<ScopeRecord> {
  const resource = { type: 'model_config', id: row.id }
  const isNone = { create: 'before', delete: 'after', update: undefined }[verb]
  const told: ScopeEdit['told'] = ({ budgets, rateLimits }, at) =>
    at === isNone ? null : { ...row, budgets, rateLimits }
  const edit: ScopeEdit = { change, action: `model_config.${verb}`, resource, told, rows: [write] }
  return changeScope({ tenantId: row.tenantId, scope: row.scope }, edit, ports)
}

async function foundRow(c: ControlContext, ports: ActingPorts): Promise<ModelConfigRow> {
  const { tenantId } = c.get('principal')
  const row = await findModelConfig(ports.db, { tenantId, id: c.req.param('id') ?? '' })
  if (!row) throw modelConfigNotFound()
  return row
}

/** `POST /api/governance/model-configs`. Limits that the model's scope has already are taken over. */
export async function createModelConfig(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readInput(c, ports)
  const { tenantId } = c.get('principal')
  const scope = modelScope(input, { tenantId, providers: (await readProviders(tenantId, ports)).names })
  if (await findModelConfig(ports.db, { tenantId, scope: scope.scope })) throw taken(scope)
  const nowMs = ports.nowMs()
  const row = { tenantId, id: ports.newId(), ...scope, createdMs: nowMs, updatedMs: nowMs }
  const change = (current: ScopeRecord) => applyToScope(current, input, ports)
  const limits = await save({ row, verb: 'create', change, write: insertModelConfig(ports.db, row) }, ports)
  const model_config = await showModelConfig(row, limits, ports)
  return c.json(await withConfigHashes({ message: 'Model config created successfully', model_config }, c, ports))
}

/** `PUT /api/governance/model-configs/{id}`: changes what the body names of the limits; a model is no other model. */
export async function updateModelConfig(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readInput(c, ports)
  const row = { ...(await foundRow(c, ports)), updatedMs: ports.nowMs() }
  checkSameModel(row, input)
  const change = (current: ScopeRecord) => applyToScope(current, input, ports)
  const limits = await save({ row, verb: 'update', change, write: touchModelConfig(ports.db, row) }, ports)
  const model_config = await showModelConfig(row, limits, ports)
  return c.json(await withConfigHashes({ message: 'Model config updated successfully', model_config }, c, ports))
}

/** `DELETE /api/governance/model-configs/{id}`: takes all limits of its scope away. */
export async function deleteModelConfig(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const row = await foundRow(c, ports)
  const change = () => ({ budgets: [], rateLimits: [] })
  await save({ row, verb: 'delete', change, write: deleteRow(ports.db, row) }, ports)
  return c.json({ message: 'Model config deleted successfully' })
}
