import { asRecord } from '../as-record.ts'
import type { WireError } from '../codec.ts'
import { textOf } from '../read-sent.ts'
import { exceptionCode, exceptionName } from './exceptions.ts'

/**
 * AWS's error body, `{message}` or `{Message}`. The error's name is in the header `x-amzn-errortype`, and only sometimes in
 * `__type`; without it the status names it. `undefined` where the body has neither name nor message.
 */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const said = asRecord(body)
  const name = exceptionName(textOf(said.__type) || textOf(said.code))
  const message = textOf(said.message) || textOf(said.Message)
  if (name === '' && message === '') return undefined
  const code = name || exceptionCode(status)
  return { status, code, message: message || code, type: code }
}
