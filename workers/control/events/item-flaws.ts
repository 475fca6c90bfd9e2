import { GatewayError } from '../../errors/gateway-error.ts'

/** What is wrong with one of the events of a request: `param` is the field of it. */
export type ItemFlaw = { index: number; param: string; message: string }

/** How many flaws one answer names. */
const MAX_TOLD = 100

/** An event of a request, as its sender would point at it. */
export function pathOf({ index, param }: Pick<ItemFlaw, 'index' | 'param'>, isBatch: boolean): string {
  const name = isBatch ? `events[${index}]` : ''
  return [name, param].filter(part => part !== '').join('.')
}

/** Refuses a request for what is wrong with its events, each named by its place; nothing of it is booked. */
export function flawedItems(
  code: 'request_invalid' | 'event_reported',
  flaws: ItemFlaw[],
  isBatch: boolean,
): GatewayError {
  const told = flaws.map(flaw => ({ index: flaw.index, param: pathOf(flaw, isBatch), message: flaw.message }))
  const [first] = told
  const more = flaws.length > 1 ? ` ${flaws.length - 1} more: see details.` : ''
  const detail = `${first?.param}: ${first?.message}.${more}`
  const details = { errors: told.slice(0, MAX_TOLD), error_count: flaws.length }
  return new GatewayError(code, detail, { param: first?.param ?? '', details })
}
