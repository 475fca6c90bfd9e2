import type { KeyRow } from '../../db/key-record.ts'
import type { ControlPorts } from '../ports.ts'
import type { KeyPath } from './change-key.ts'

function mask(text: string): string {
  return `${text.slice(0, 'sk-bf-'.length)}****${text.slice(-4)}`
}

/** A new text of a key, which is shown once, and what is stored of it. */
export async function newSecret(
  path: KeyPath,
  ports: ControlPorts,
): Promise<{ text: string } & Pick<KeyRow, 'maskedValue' | 'keyHash'>> {
  const { text, hash } = await ports.mintKey('virtual', path)
  return { text, maskedValue: mask(text), keyHash: hash }
}
