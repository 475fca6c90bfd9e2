import { declaredTariff } from '../core/pricing/declared-prices.ts'
import type { AccessSettings } from './port.ts'
import type { Vendor } from './vendors.ts'

const LOCAL = {
  baseUrl: '',
  needs: ['baseUrl'],
  outputCapField: 'max_tokens',
  usageInStream: 'asked',
  place: ({ residency }: AccessSettings) => (residency === undefined ? {} : { residency: residency.toLowerCase() }),
  // Of no list: what such a model costs only its own deployment can say.
  pricebook: 'declared',
  tariff: ({ name, declared }) => declaredTariff(declared, name),
} as const satisfies Partial<Vendor>

/** Servers that run their owner's models: no key is needed, an address is, and prices have to be declared. */
export const LOCAL_VENDORS: readonly Vendor[] = [
  {
    ...LOCAL,
    name: 'ollama',
    formats: ['openai-chat', 'openai-completions', 'openai-embeddings'],
    keyVar: 'OLLAMA_API_KEY',
    baseUrlVar: 'OLLAMA_BASE_URL',
    settingVars: { residency: 'OLLAMA_RESIDENCY' },
  },
  {
    ...LOCAL,
    name: 'vllm',
    formats: ['openai-chat', 'openai-completions', 'openai-embeddings', 'rerank'],
    keyVar: 'VLLM_API_KEY',
    baseUrlVar: 'VLLM_BASE_URL',
    settingVars: { residency: 'VLLM_RESIDENCY' },
  },
  {
    ...LOCAL,
    name: 'openai-compatible',
    formats: ['openai-chat', 'openai-embeddings'],
    keyVar: 'OPENAI_COMPATIBLE_API_KEY',
    baseUrlVar: 'OPENAI_COMPATIBLE_BASE_URL',
    settingVars: { residency: 'OPENAI_COMPATIBLE_RESIDENCY' },
  },
]
