import type { Account } from '../files/account.ts'
import { type Opening, sealFileId } from '../files/file-id.ts'

const FILES = ['input_file_id', 'output_file_id', 'error_file_id']

/** The members of a batch whose ids are the caller's own to use. */
export function shownBatch(
  said: Record<string, unknown>,
  { sealed, account }: { sealed: string; account: Account },
  opening: Opening,
): Record<string, unknown> {
  const files = FILES.filter(name => typeof said[name] === 'string')
  const ids = files.map(name => [name, sealFileId(String(said[name]), account, opening)])
  return { id: sealed, ...Object.fromEntries(ids) }
}
