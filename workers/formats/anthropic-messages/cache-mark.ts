import type { CacheMark, Message, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { invalid, readObject, refuseOthers } from './read-fields.ts'

/** `cache_control`, whose `ttl` is five minutes unless it says an hour. */
export function decodeCacheMark(value: unknown, param: string): CacheMark | undefined {
  if (value === undefined || value === null) return undefined
  const { type, ttl = '5m', ...others } = readObject(value, param)
  refuseOthers(others, [], param)
  if (type !== 'ephemeral') throw invalid(`${param}.type`, 'must be "ephemeral"')
  if (ttl !== '5m' && ttl !== '1h') throw invalid(`${param}.ttl`, 'must be "5m" or "1h"')
  return { ttl }
}

/** `cache_control` as a member to be spread; nothing where there is no mark. */
export function encodeCacheMark(mark: CacheMark | undefined): Json {
  return mark ? { cache_control: { type: 'ephemeral', ttl: mark.ttl } } : {}
}

function mayBeMarked(part: Part): part is Exclude<Part, { kind: 'reasoning' | 'refusal' }> {
  return part.kind !== 'reasoning' && part.kind !== 'refusal'
}

/** What a request's own `cache_control` says: the last part that can be marked is, unless it has a mark of its own. */
export function markLast(messages: Message[], mark: CacheMark | undefined): void {
  const last = messages.flatMap(message => message.parts).findLast(mayBeMarked)
  if (mark && last) last.cache ??= mark
}
