import type { Finish } from '../chat.ts'

/** How an answer ended, as this wire tells it. Without a reason: for one that it has no word for. */
export type Ending = { status: 'completed' | 'incomplete'; reason?: 'max_output_tokens' | 'content_filter' }

/** What an answer has in it, as far as its end depends on it. */
export type Contains = { call: boolean; refusal: boolean }

/** A refusal without a word is told as what it is elsewhere: the work of a filter. */
export function endingOf(finish: Finish, contains: Contains): Ending {
  if (finish === 'length') return { status: 'incomplete', reason: 'max_output_tokens' }
  if (finish === 'content_filter') return { status: 'incomplete', reason: 'content_filter' }
  if (finish === 'refusal' && !contains.refusal) return { status: 'incomplete', reason: 'content_filter' }
  return finish === 'paused' || finish === 'other' ? { status: 'incomplete' } : { status: 'completed' }
}

/** Why an answer ended: a complete one by what it contains. `reason`: of its `incomplete_details`. */
export function finishOf(status: unknown, reason: unknown, contains: Contains): Finish {
  if (status === 'incomplete' && reason === 'max_output_tokens') return 'length'
  if (status === 'incomplete' && reason === 'content_filter') return 'content_filter'
  if (status !== 'completed') return 'other'
  if (contains.call) return 'tool_calls'
  return contains.refusal ? 'refusal' : 'stop'
}
