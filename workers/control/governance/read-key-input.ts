import { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import { explainFlaw } from './explain-flaw.ts'

/** The body of a create or an update. Throws as `readJson` does, in the words of `explainFlaw`. */
export function readKeyInput(c: ControlContext, ports: ControlPorts): Promise<VirtualKeyInput> {
  return readJson(c.req.raw, { schema: VirtualKeyInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw })
}
