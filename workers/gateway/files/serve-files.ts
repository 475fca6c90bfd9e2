import { readBytes } from '../../contracts/read-body.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { parseForm } from '../read-incoming.ts'
import { filesOf } from '../wires/form-parts.ts'
import { accountFor, askAccount, assertResident } from './account.ts'
import { openFileId, sealFileId } from './file-id.ts'
import { passBack, passBackWith } from './pass-back.ts'

/** `POST /v1/files`: keeps a file in the provider's account, under an id that only this virtual key can use. */
export async function uploadFile(call: Call, ports: GatewayPorts): Promise<Response> {
  const snapshot = await authenticateFully(call, ports)
  const { request } = call
  const account = accountFor(snapshot, request.headers, ports)
  assertResident(account, request.headers, ports)
  const form = await parseForm(await readBytes(request, ports.settings.maxFormBytes), request)
  if (filesOf(form).length !== 1) throw new GatewayError('request_invalid', 'file: send one.', { param: 'file' })
  const answer = await askAccount(account, { method: 'POST', path: '/files', body: form })
  return passBackWith(answer, ({ id }) => ({ id: sealFileId(String(id), account, { snapshot, ports }) }))
}

async function askOfFile(call: Call, sealed: string, { ports, method, path = '' }: OfFile) {
  const opening = { snapshot: await authenticateFully(call, ports), ports }
  const { account, id } = openFileId(sealed, opening)
  assertResident(account, call.request.headers, ports)
  return askAccount(account, { method, path: `/files/${encodeURIComponent(id)}${path}` })
}

type OfFile = { ports: GatewayPorts; method: 'GET' | 'DELETE'; path?: string }

/** `GET /v1/files/{id}`. */
export async function showFile(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  return passBackWith(await askOfFile(call, id, { ports, method: 'GET' }), () => ({ id }))
}

/** `DELETE /v1/files/{id}`. */
export async function deleteFile(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  return passBackWith(await askOfFile(call, id, { ports, method: 'DELETE' }), () => ({ id }))
}

/** `GET /v1/files/{id}/content`: the bytes as the provider has them. */
export async function fileContent(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  return passBack(await askOfFile(call, id, { ports, method: 'GET', path: '/content' }))
}

/** Lists of what many tenants keep in one account cannot be told apart by their owner: refused, with nothing asked. */
export async function refuseList(call: Call, ports: GatewayPorts): Promise<Response> {
  await authenticateFully(call, ports)
  throw new GatewayError('list_unsupported', 'Keep the ids that you were given: what is in the account is not listed.')
}
