import type { FormatName } from '../formats/format-name.ts'
import type { OutputCapField } from './openai/output-cap.ts'

/** One vendor: where it is, how it speaks, and which settings name its key and its address. */
export type Vendor = {
  /** As callers write it before the slash of a model name. */
  name: string
  /** The formats it speaks, its own first. */
  formats: readonly FormatName[]
  /** Without a trailing slash; the dialect's path comes behind it. */
  baseUrl: string
  /** The secret with its API key. The vendor is configured where this is set. */
  keyVar: string
  /** The setting that replaces `baseUrl`. */
  baseUrlVar: string
  outputCapField: OutputCapField
  /** Its name in the pricebook. */
  pricebook: string
}

/** Every vendor that Weir can call over HTTP. A new one that speaks a known dialect is one row. */
export const VENDORS: readonly Vendor[] = [
  {
    name: 'openai',
    formats: ['openai-chat'],
    baseUrl: 'https://api.openai.com/v1',
    keyVar: 'OPENAI_API_KEY',
    baseUrlVar: 'OPENAI_BASE_URL',
    outputCapField: 'max_completion_tokens',
    pricebook: 'openai',
  },
]
