import { type EventDraft, NO_ATTRIBUTION } from '../../workers/core/usage.ts'

const what = { provider: 'mock', model: 'echo', requested_model: 'mock/echo', priced_model: 'mock/echo' }
const whose = { tenant_id: 't', virtual_key_id: 'k', request_id: 'r' }

/** What is known of an attempt when it is admitted; `over` says what matters to a test. */
export function eventDraft(over: Partial<EventDraft> = {}): EventDraft {
  return { ...NO_ATTRIBUTION, ...what, ...whose, pricebook_version: 'p', is_stream: false, ...over }
}
