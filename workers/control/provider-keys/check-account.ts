import type { AccountRecord } from '../../db/account-record.ts'
import { countAccounts } from '../../db/save-account.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'

const MAX_KEYS = 100
const MAX_ACCOUNTS = 100
/** The snapshot of a virtual key holds all accounts that it may use, every admission reads it, and a row holds 2 MB. */
const MAX_CHARS = 512 * 1024
/** The vendor that is nowhere in particular. */
const CUSTOM = 'openai-compatible'

function checkNames({ keys }: AccountRecord): void {
  const names = keys.map(key => key.name)
  const repeated = names.find((name, index) => names.indexOf(name) < index)
  if (repeated === undefined) return
  throw new GatewayError('already_exists', `This provider has a key of the name '${repeated}' already`)
}

async function checkSize({ account, keys }: AccountRecord, ports: ControlPorts): Promise<void> {
  if (keys.length > MAX_KEYS) throw invalid(`A provider cannot have more than ${MAX_KEYS} keys`)
  const others = await countAccounts(ports.db, account)
  if (others.accounts >= MAX_ACCOUNTS) throw invalid(`A tenant cannot have more than ${MAX_ACCOUNTS} providers`)
  if (others.chars + JSON.stringify({ account, keys }).length <= MAX_CHARS) return
  throw invalid(`All keys of a tenant's providers together cannot have more than ${MAX_CHARS} characters`)
}

/** Refuses what cannot be used or is too much. Throws `request_invalid`, and `already_exists` for two keys of one name. */
export async function checkAccount(record: AccountRecord, ports: ControlPorts): Promise<void> {
  const { account } = record
  if (account.deletedMs !== null) return
  if (account.vendor === CUSTOM && account.baseUrl === null) {
    throw invalid(`network_config.base_url is required where the vendor is ${CUSTOM}`)
  }
  checkNames(record)
  await checkSize(record, ports)
}
