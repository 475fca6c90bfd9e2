import { z } from 'zod'
import { ModelConfigInput } from '../../contracts/model-config-input.ts'
import { governanceChange, governanceList } from '../governance/governance-shape.ts'
import { LimitsShape, TimesShape } from '../governance/limits-shape.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { getModelConfig, listModelConfigs } from './list-model-configs.ts'
import { createModelConfig, deleteModelConfig, updateModelConfig } from './write-model-configs.ts'

const tag = 'Limits'
const all = { path: '/api/governance/model-configs', tag }
const one = { path: `${all.path}/:id`, tag }
const read = { scope: 'limits:read' } as const
const write = { scope: 'limits:write' } as const
const whole = z.int().min(0).optional()

const ModelConfigShape = z.object({
  ...{ id: z.uuid(), model_name: z.string(), provider: z.string().optional() },
  ...LimitsShape.shape,
  ...TimesShape.shape,
})
const changed = { 200: governanceChange('model_config', ModelConfigShape) }

/** The routes of the limits of models. */
export const MODEL_CONFIG_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listModelConfigs',
    summary: 'List the models that have configs, the oldest first',
    query: z.object({ limit: whole, offset: whole, search: z.string().optional() }),
    responses: { 200: governanceList('model_configs', ModelConfigShape) },
    handler: listModelConfigs,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createModelConfig',
    summary: 'Give a model limits, at one provider or at any',
    body: ModelConfigInput,
    responses: changed,
    handler: createModelConfig,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getModelConfig',
    summary: 'Get a model config with the usage of its limits',
    responses: { 200: z.object({ model_config: ModelConfigShape }) },
    handler: getModelConfig,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateModelConfig',
    summary: 'Change what the body names of the limits of a model',
    body: ModelConfigInput,
    responses: changed,
    handler: updateModelConfig,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteModelConfig',
    summary: 'Delete a model config and the limits of its scope',
    responses: { 200: z.object({ message: z.string() }) },
    handler: deleteModelConfig,
  },
]
