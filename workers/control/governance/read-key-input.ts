import { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'

/** The body of a create or an update. As in the contract, a field of the wrong type is `Invalid JSON`. */
export function readKeyInput(c: ControlContext, ports: ControlPorts): Promise<VirtualKeyInput> {
  const explain = () => 'Invalid JSON'
  return readJson(c.req.raw, { schema: VirtualKeyInput, maxBytes: ports.maxBodyBytes, explain })
}
