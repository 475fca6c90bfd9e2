import { readUpTo } from '../../contracts/read-body.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type Account, askAccount } from '../files/account.ts'

/** The text of a batch's input file, as the provider has it. Throws where it is not to be had, or longer than `maxBytes`. */
export async function readInput(account: Account, id: string, maxBytes: number): Promise<string> {
  const answer = await askAccount(account, { method: 'GET', path: `/files/${encodeURIComponent(id)}/content` })
  const param = 'input_file_id'
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel()
    throw new GatewayError('request_invalid', 'input_file_id: the provider does not give this file out.', { param })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(await readUpTo(answer.body, maxBytes))
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause
    throw new GatewayError('request_invalid', 'input_file_id: the file is not UTF-8.', { param, cause })
  }
}
