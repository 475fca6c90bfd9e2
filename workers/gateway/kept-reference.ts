import { asRecord } from '../formats/as-record.ts'

/** Members that name something which a vendor keeps in the account of whoever made it. */
const NAMES = new Set([
  'previous_response_id',
  'conversation',
  'file_id',
  'file_ids',
  'vector_store_ids',
  'container',
  'cachedContent',
  'cached_content',
])
/** What is in these is the caller's own: schemas, and arguments of tools that he runs himself. */
const OPAQUE = new Set(['parameters', 'input_schema', 'schema', 'arguments', 'args', 'metadata', 'responseSchema'])
/** Files that Google keeps are named by an address. */
const GOOGLE_FILE = /^(https:\/\/generativelanguage\.googleapis\.com\/[^/]+\/)?files\//
/** Nothing that a wire defines lies deeper. */
const MAX_DEPTH = 12

function isName(name: string, value: unknown): boolean {
  if (name === 'fileUri' || name === 'file_uri') return typeof value === 'string' && GOOGLE_FILE.test(value)
  if (!NAMES.has(name)) return false
  return typeof value === 'string' || typeof asRecord(value).id === 'string' || Array.isArray(value)
}

// A model's call of a tool has its arguments in `input`.
function isOpaque(name: string, { type }: Record<string, unknown>): boolean {
  return OPAQUE.has(name) || (name === 'input' && type === 'tool_use')
}

function search(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  const owner = Array.isArray(value) ? {} : asRecord(value)
  if (owner.type === 'item_reference') return 'item_reference'
  for (const [name, member] of Object.entries(value)) {
    if (isName(name, member)) return name
    const found = isOpaque(name, owner) ? undefined : search(member, depth + 1)
    if (found) return found
  }
  return undefined
}

/** The first member of a body that names something a vendor keeps: an earlier response, a file, a cache; none: `undefined`. */
export function keptReference(raw: Record<string, unknown>): string | undefined {
  return search(raw, 0)
}
