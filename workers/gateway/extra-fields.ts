import type { AdmittedCall } from './call.ts'
import { requestTypeOf } from './routing/request-type.ts'

/** The header by which only clients of Bifrost show their key: they look for its fields in what they are answered. */
const BIFROST_HEADER = 'x-bf-vk'

/** What Bifrost says of a request beside its answer, or its refusal (governance contract 2.2). */
export function extraFieldsOf({ ask, draft }: Pick<AdmittedCall, 'ask' | 'draft'>) {
  return {
    provider: draft.provider,
    original_model_requested: draft.requested_model,
    resolved_model_used: draft.model,
    request_type: requestTypeOf(ask.format),
  }
}

function textOf(body: BodyInit): string | undefined {
  if (typeof body === 'string') return body
  return body instanceof ArrayBuffer ? new TextDecoder().decode(body) : undefined
}

/**
 * A whole answer with Bifrost's `extra_fields` after its own, where the key came in Bifrost's header (governance contract 0); any
 * other client gets its bytes as they are. Nothing of what is there is written anew.
 */
export function withExtraFields(body: BodyInit, admitted: AdmittedCall): BodyInit {
  if (!admitted.call.request.headers.has(BIFROST_HEADER)) return body
  const text = textOf(body)?.trimEnd()
  const isObject = text?.trimStart().startsWith('{') && text.endsWith('}')
  if (!text || !isObject || text.includes('"extra_fields"')) return body
  const own = text.slice(0, -1).trimEnd()
  const comma = own.endsWith('{') ? '' : ','
  return `${own}${comma}"extra_fields":${JSON.stringify(extraFieldsOf(admitted))}}`
}
