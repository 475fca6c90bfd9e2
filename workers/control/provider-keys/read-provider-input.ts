import type { z } from 'zod'
import { ProviderInput, ProviderKeyInput, RotateInput } from '../../contracts/provider-input.ts'
import type { AccountPath } from '../../db/account-record.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'

// The field and the rule, and nothing of what was given: it may be a secret.
function explain({ issues }: z.ZodError): string {
  const [flaw] = issues
  const field = flaw?.path.join('.')
  return field ? `Invalid JSON: ${field} is not of the right type or size` : 'Invalid JSON'
}

function read<T>(c: ControlContext, schema: z.ZodType<T>, ports: ControlPorts): Promise<T> {
  return readJson(c.req.raw, { schema, maxBytes: ports.maxBodyBytes, explain })
}

/** The body of a create or an update of a provider. Throws as `readJson` does. */
export const readProviderInput = (c: ControlContext, ports: ControlPorts) => read(c, ProviderInput, ports)

/** The body of a create or an update of one of its keys. */
export const readKeyInput = (c: ControlContext, ports: ControlPorts) => read(c, ProviderKeyInput, ports)

/** The body of a rotation. */
export const readRotation = (c: ControlContext, ports: ControlPorts) => read(c, RotateInput, ports)

/** The account that a request's path names. */
export function accountPath(c: ControlContext): AccountPath {
  return { tenantId: c.get('principal').tenantId, name: (c.req.param('name') ?? '').toLowerCase() }
}
