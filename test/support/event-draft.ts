import type { EventDraft } from '../../workers/core/usage.ts'

const nobody = {
  feature: null,
  team: null,
  agent_name: null,
  user_id: null,
  entity_type: null,
  entity_id: null,
  tags: {},
}
const what = { provider: 'mock', model: 'echo', requested_model: 'mock/echo', priced_model: 'mock/echo' }
const whose = { tenant_id: 't', virtual_key_id: 'k', request_id: 'r' }

/** What is known of an attempt when it is admitted; `over` says what matters to a test. */
export function eventDraft(over: Partial<EventDraft> = {}): EventDraft {
  return { ...nobody, ...what, ...whose, pricebook_version: 'p', is_stream: false, ...over }
}
