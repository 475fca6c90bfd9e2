import type { FormatName } from '../../formats/format-name.ts'
import { openaiDialect } from '../openai/openai-dialect.ts'
import type { Dialect, ProviderRequest } from '../port.ts'
import type { Vendor } from '../vendors.ts'

/** One format over HTTP: how a vendor is asked in it. The path comes behind the vendor's base address. */
export type HttpFormat = {
  dialect(vendor: Vendor): Dialect
  path(request: ProviderRequest): string
  /** The headers that carry the vendor's key, and what else the format wants. */
  headers(apiKey: string): Record<string, string>
}

const bearer = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` })

/** The formats that vendors are asked in over HTTP. */
export const HTTP_FORMATS: Partial<Record<FormatName, HttpFormat>> = {
  'openai-chat': { dialect: openaiDialect, path: () => '/chat/completions', headers: bearer },
}
