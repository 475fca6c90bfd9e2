import type { DeclaredPrices } from '../core/pricing/declared-prices.ts'
import type { FormatName } from '../formats/format-name.ts'
import { awsPlace, namesMaker } from './bedrock/aws-place.ts'
import { CLOUD_VENDORS } from './cloud-vendors.ts'
import { cohereEmbeddings, cohereRerank } from './cohere/media-formats.ts'
import { geminiEmbeddings } from './gemini/embeddings-format.ts'
import type { Door } from './http/door.ts'
import { bedrockDoor } from './http/doors/bedrock.ts'
import type { HttpFormat } from './http/http-format.ts'
import { LOCAL_VENDORS } from './local-vendors.ts'
import type { OutputCapField } from './openai/output-cap.ts'
import { variablesOf } from './own-account.ts'
import type { AccessSettings, Provider, Tariff } from './port.ts'

/** What opens a deployment's own account of a vendor, by the names of the variables that have it. */
export type OwnAccount = {
  /** The secret with its key. */
  keyVar: string
  /** What is set beside the key: each by its name in `AccessSettings`, and the variable that has it. */
  settingVars?: Readonly<Record<string, string>>
  /** What has to be set for it to be configured: `key` (which is all, unless said), `baseUrl`, names in `settingVars`. */
  needs?: readonly string[]
}

/** By what a vendor's prices may differ from the pricebook's: how its provider is called, where it works, what is declared. */
export type Selling = { name: string; region: string | undefined; declared: DeclaredPrices | undefined }

/** One vendor: where it is, how it speaks, and which settings name its key and its address. */
export type Vendor = OwnAccount & {
  /** As callers write it before the slash of a model name. */
  name: string
  /** The formats it speaks, its own first. */
  formats: readonly FormatName[]
  /** How it is asked in a format that it speaks in words of its own. */
  own?: Partial<Record<FormatName, HttpFormat>>
  /** Without a trailing slash; the dialect's path comes behind it. Empty where each account has its own. */
  baseUrl: string
  /** The setting that replaces `baseUrl`. */
  baseUrlVar: string
  /** Of OpenAI's chat: `max_completion_tokens` unless said. */
  outputCapField?: OutputCapField
  /** Of OpenAI's chat: whether a stream ends with its usage only where it is `asked` for (unless said), or `always`. */
  usageInStream?: 'asked' | 'always'
  /** Of Anthropic's messages: the version that is written into the body, where the model is in the address. */
  versionInBody?: string
  /** Its name in the pricebook. */
  pricebook: string
  /** Its own prices, where the pricebook's are not what it charges. */
  tariff?(selling: Selling): Tariff
  /** How its door is opened, where that is not as its formats have it. */
  door?: Door
  /** Another kind of key, which is taken rather than the first, where it is set. */
  rather?: OwnAccount
  /** Whether it takes a model by this name, where not by all that the pricebook knows. */
  takes?(model: string): boolean
  /** Where an account works, by its settings. */
  place?(settings: AccessSettings): Pick<Provider, 'region' | 'residency' | 'modelId'>
}

const OPENAI_CHAT = { formats: ['openai-chat'], outputCapField: 'max_tokens', usageInStream: 'asked' } as const

/** Every vendor that Weir can call over HTTP. A new one that speaks a known format is one row. */
export const VENDORS: readonly Vendor[] = [
  {
    name: 'openai',
    formats: [
      'openai-chat',
      'openai-responses',
      'openai-completions',
      'openai-embeddings',
      'openai-images',
      'openai-image-edits',
      'openai-image-variations',
      'openai-speech',
      'openai-transcriptions',
      'openai-translations',
      'openai-moderations',
      'openai-files',
    ],
    baseUrl: 'https://api.openai.com/v1',
    keyVar: 'OPENAI_API_KEY',
    baseUrlVar: 'OPENAI_BASE_URL',
    outputCapField: 'max_completion_tokens',
    usageInStream: 'asked',
    pricebook: 'openai',
  },
  {
    name: 'anthropic',
    formats: ['anthropic-messages'],
    baseUrl: 'https://api.anthropic.com',
    keyVar: 'ANTHROPIC_API_KEY',
    baseUrlVar: 'ANTHROPIC_BASE_URL',
    pricebook: 'anthropic',
  },
  {
    name: 'google',
    formats: ['gemini', 'openai-embeddings'],
    own: { 'openai-embeddings': geminiEmbeddings },
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyVar: 'GEMINI_API_KEY',
    baseUrlVar: 'GEMINI_BASE_URL',
    pricebook: 'google',
  },
  {
    ...OPENAI_CHAT,
    name: 'mistral',
    formats: ['openai-chat', 'openai-embeddings', 'openai-moderations'],
    baseUrl: 'https://api.mistral.ai/v1',
    keyVar: 'MISTRAL_API_KEY',
    baseUrlVar: 'MISTRAL_BASE_URL',
    // It refuses fields that it does not know, and ends every stream with its usage.
    usageInStream: 'always',
    pricebook: 'mistral',
  },
  {
    ...OPENAI_CHAT,
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVar: 'GROQ_API_KEY',
    baseUrlVar: 'GROQ_BASE_URL',
    outputCapField: 'max_completion_tokens',
    pricebook: 'groq',
  },
  {
    ...OPENAI_CHAT,
    name: 'deepseek',
    baseUrl: 'https://api.deepseek.com/v1',
    keyVar: 'DEEPSEEK_API_KEY',
    baseUrlVar: 'DEEPSEEK_BASE_URL',
    pricebook: 'deepseek',
  },
  {
    ...OPENAI_CHAT,
    name: 'xai',
    baseUrl: 'https://api.x.ai/v1',
    keyVar: 'XAI_API_KEY',
    baseUrlVar: 'XAI_BASE_URL',
    outputCapField: 'max_completion_tokens',
    pricebook: 'x-ai',
  },
  {
    ...OPENAI_CHAT,
    name: 'together',
    formats: ['openai-chat', 'openai-embeddings'],
    baseUrl: 'https://api.together.xyz/v1',
    keyVar: 'TOGETHER_API_KEY',
    baseUrlVar: 'TOGETHER_BASE_URL',
    pricebook: 'together',
  },
  {
    ...OPENAI_CHAT,
    name: 'fireworks',
    formats: ['openai-chat', 'openai-embeddings'],
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVar: 'FIREWORKS_API_KEY',
    baseUrlVar: 'FIREWORKS_BASE_URL',
    pricebook: 'fireworks',
  },
  {
    ...OPENAI_CHAT,
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVar: 'OPENROUTER_API_KEY',
    baseUrlVar: 'OPENROUTER_BASE_URL',
    pricebook: 'openrouter',
  },
  {
    ...OPENAI_CHAT,
    name: 'perplexity',
    baseUrl: 'https://api.perplexity.ai',
    keyVar: 'PERPLEXITY_API_KEY',
    baseUrlVar: 'PERPLEXITY_BASE_URL',
    usageInStream: 'always',
    pricebook: 'perplexity',
  },
  {
    ...OPENAI_CHAT,
    name: 'cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    keyVar: 'CEREBRAS_API_KEY',
    baseUrlVar: 'CEREBRAS_BASE_URL',
    outputCapField: 'max_completion_tokens',
    pricebook: 'cerebras',
  },
  {
    name: 'bedrock',
    formats: ['bedrock-converse'],
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
    baseUrlVar: 'BEDROCK_BASE_URL',
    keyVar: 'AWS_SECRET_ACCESS_KEY',
    settingVars: { region: 'AWS_REGION', accessKeyId: 'AWS_ACCESS_KEY_ID', sessionToken: 'AWS_SESSION_TOKEN' },
    needs: ['key', 'region', 'accessKeyId'],
    // As AWS's own clients choose.
    rather: { keyVar: 'AWS_BEARER_TOKEN_BEDROCK', settingVars: { region: 'AWS_REGION' }, needs: ['key', 'region'] },
    pricebook: 'aws',
    door: bedrockDoor,
    takes: namesMaker,
    place: awsPlace,
  },
  {
    name: 'cohere',
    formats: ['cohere-chat', 'openai-embeddings', 'rerank'],
    own: { 'openai-embeddings': cohereEmbeddings, rerank: cohereRerank },
    baseUrl: 'https://api.cohere.com',
    keyVar: 'COHERE_API_KEY',
    baseUrlVar: 'COHERE_BASE_URL',
    pricebook: 'cohere',
  },
  ...CLOUD_VENDORS,
  ...LOCAL_VENDORS,
]

/** Names of vendors whose prices are known without being declared. */
export const PRICED_VENDORS: readonly string[] = [
  ...VENDORS.filter(({ pricebook }) => pricebook !== 'declared').map(({ name }) => name),
  'mock',
]

/** Every variable of a deployment that a vendor is set up by. */
export const VENDOR_VARIABLES: readonly string[] = VENDORS.flatMap(variablesOf)
