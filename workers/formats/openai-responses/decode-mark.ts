import type { CacheMark } from '../chat.ts'
import { at, type Field } from './field.ts'

/**
 * The cache mark of a part. A breakpoint is kept for at least 30 minutes, so the shorter of our marks would promise less
 * than was asked.
 */
export function readMark(part: Field): { cache?: CacheMark } {
  const mark = at(part, 'prompt_cache_breakpoint')
  return mark.value == null ? {} : { cache: { ttl: '1h' } }
}
