import type { z } from 'zod'
import { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import { HandlingInput } from '../../contracts/virtual-key-input.ts'

const OWN: PropertyKey[] = [...Object.keys(LimitBehaviourInput.shape), ...Object.keys(HandlingInput.shape)]

function ownField({ path }: z.core.$ZodIssue): string | undefined {
  const at = path.findIndex(step => OWN.includes(step))
  return at < 0 ? undefined : path.slice(0, at + 1).join('.')
}

/** As in the contract, a field of the wrong type is `Invalid JSON`; a field that only Weir has is named, with its rule. */
export function explainFlaw({ issues }: z.ZodError): string {
  const [flaw] = issues
  return flaw && issues.every(ownField) ? `${ownField(flaw)} ${flaw.message}` : 'Invalid JSON'
}
