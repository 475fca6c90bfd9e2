import { BatchRequest } from '../../contracts/batch-request.ts'
import { readBody } from '../../contracts/read-body.ts'
import { asRecord } from '../../formats/as-record.ts'
import { assertHeaders, authenticate, authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import { askAccount, assertResident } from '../files/account.ts'
import { openFileId } from '../files/file-id.ts'
import { passBack, passBackWith } from '../files/pass-back.ts'
import { parseBody, readFields } from '../parse-body.ts'
import type { GatewayPorts } from '../ports.ts'
import { openBatchId, sealBatchId } from './batch-id.ts'
import { holdBatch } from './hold-batch.ts'
import { readInput } from './read-input.ts'
import { settleBatch } from './settle-batch.ts'
import { shownBatch } from './shown-batch.ts'
import { sizeBatch } from './size-batch.ts'

/**
 * `POST /v1/batches`: holds what all its requests could cost together, at the batch price, for as long as the batch may take,
 * and then has it made. Its id is for this virtual key alone.
 */
export async function createBatch(call: Call, ports: GatewayPorts): Promise<Response> {
  const snapshot = await authenticateFully(call, ports)
  assertHeaders(snapshot, call.request.headers)
  const opening = { snapshot, ports }
  const raw = parseBody((await readBody(call.request, ports.settings.maxBodyBytes)).text)
  const { input_file_id, endpoint } = readFields(BatchRequest, raw)
  const { account, id } = openFileId(input_file_id, opening, 'input_file_id')
  assertResident(account, call.request.headers, ports)
  const content = await readInput(account, id, ports.settings.maxBodyBytes)
  const size = sizeBatch(content, { endpoint, provider: account.provider, snapshot, nowMs: call.startMs })
  const held = await holdBatch(size, { call, snapshot, ports })
  const body = JSON.stringify({ ...raw, input_file_id: id })
  const answer = await askAccount(account, { method: 'POST', path: '/batches', body }).catch(held.letGo)
  if (!answer.ok) await held.release()
  return passBackWith(answer, said => {
    const ref = { id: String(said.id), callId: call.id, part: held.part, model: size.route.model, endpoint }
    return shownBatch(said, { sealed: sealBatchId(ref, account, opening), account }, opening)
  })
}

async function askOfBatch(call: Call, sealed: string, { ports, method, path = '' }: OfBatch): Promise<Response> {
  const opening = { snapshot: await authenticateFully(call, ports), ports }
  const { account, ref } = openBatchId(sealed, opening)
  assertResident(account, call.request.headers, ports)
  const answer = await askAccount(account, { method, path: `/batches/${encodeURIComponent(ref.id)}${path}` })
  if (!answer.ok) return passBack(answer)
  const said = asRecord(await answer.clone().json())
  const { ref: key } = authenticate(call.request.headers, ports)
  await settleBatch({ ref, account, said, key, snapshot: opening.snapshot }, ports)
  return passBackWith(answer, () => shownBatch(said, { sealed, account }, opening))
}

type OfBatch = { ports: GatewayPorts; method: 'GET' | 'POST'; path?: string }

/** `GET /v1/batches/{id}`: how it is; one that has ended is settled before it is told. */
export function showBatch(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  return askOfBatch(call, id, { ports, method: 'GET' })
}

/** `POST /v1/batches/{id}/cancel`. */
export function cancelBatch(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  return askOfBatch(call, id, { ports, method: 'POST', path: '/cancel' })
}
