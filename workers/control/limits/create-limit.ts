import { z } from 'zod'
import { LimitInput } from '../../contracts/limit-input.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { addToScope } from './add-to-scope.ts'
import { readScope } from './read-scope.ts'
import { readSize } from './read-size.ts'
import { showLimit } from './show-limits.ts'

/** `POST /v1/limits`: one more limit on a scope. */
export async function createLimit(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: LimitInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { tenantId } = c.get('principal')
  const { names: providers } = await readProviders(tenantId, ports)
  const scope = readScope(input.scope, { tenantId, providers })
  const size = readSize(input.unit, input)
  const id = await addToScope({ tenantId, scope, unit: input.unit, size, behaviour: input }, ports)
  const { data, etag } = await showLimit({ tenantId, id }, ports)
  return c.json({ data }, 201, { etag })
}
