import type { z } from 'zod'
import { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import { HandlingInput } from '../../contracts/virtual-key-input.ts'

const OWN: PropertyKey[] = [...Object.keys(LimitBehaviourInput.shape), ...Object.keys(HandlingInput.shape)]

/** As in the contract, a field of the wrong type is `Invalid JSON`; a field that only Weir has is named, with its rule. */
export function explainFlaw({ issues: [flaw] }: z.ZodError): string {
  const at = flaw?.path.findIndex(step => OWN.includes(step)) ?? -1
  return flaw && at >= 0 ? `${flaw.path.slice(0, at + 1).join('.')} ${flaw.message}` : 'Invalid JSON'
}
