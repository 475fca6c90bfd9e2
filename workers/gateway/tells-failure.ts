import { asRecord } from '../formats/as-record.ts'

/** Whether the body of a success says that it is none: some vendors fail after they have sent a 200. Nothing is billed then. */
export function tellsFailure(body: unknown): boolean {
  const { error, usage, usageMetadata } = asRecord(body)
  return error != null && error !== false && usage == null && usageMetadata == null
}
