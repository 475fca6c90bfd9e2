import { eventsAsSse } from '../../bedrock/events-as-sse.ts'
import { regionOf, signRequest } from '../../bedrock/sign-request.ts'
import type { Access } from '../../port.ts'
import type { Asked, Door, Outgoing } from '../door.ts'

// `{region}` stands in the vendor's own address.
function address({ access, path }: Asked): string {
  const { baseUrl } = access
  return (baseUrl.includes('{region}') ? baseUrl.replace('{region}', regionOf(access)) : baseUrl) + path
}

function proofOf(outgoing: Outgoing, access: Access): Promise<Record<string, string>> | Record<string, string> {
  if (access.settings.accessKeyId) return signRequest(outgoing, access)
  return { authorization: `Bearer ${access.secret}` }
}

// Refusals are JSON, also where a stream was asked for.
function isBinaryStream({ headers }: Response): boolean {
  return !/json|text\/event-stream/.test(headers.get('content-type') ?? '')
}

function unwrap(answer: Response, { request }: Asked): Response {
  if (!request.isStream || !answer.ok || !answer.body || !isBinaryStream(answer)) return answer
  const headers = new Headers(answer.headers)
  headers.set('content-type', 'text/event-stream')
  headers.delete('content-length')
  return new Response(eventsAsSse(answer.body), { status: answer.status, headers })
}

/**
 * Amazon Bedrock's door. The secret is a secret access key, where the account has an `accessKeyId` (and a `sessionToken`, where
 * it is a temporary one); else it is a Bedrock API key. Streams come in AWS's binary frames, and are made events here.
 */
export const bedrockDoor: Door = {
  address,
  prove: async (outgoing, { access }) => proofOf(outgoing, access),
  unwrap,
}
