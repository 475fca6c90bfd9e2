import type { BillableUsage, PricedModel } from '../core/pricing/index.ts'
import type { Patience } from '../core/snapshot.ts'
import type { FormatName } from '../formats/format-name.ts'

/** What the provider is asked, already in its own dialect. */
export type ProviderRequest = {
  /** The upstream's model name. */
  model: string
  /** What to send: JSON text, or a form with files in it. */
  body: string | FormData
  isStream: boolean
  /** The request as the caller said it, for an answer that has to be said alike. */
  asked?: Record<string, unknown>
  /** Headers of the caller's that the format passes on, in lower case. */
  headers?: Record<string, string>
  /** Ends the provider's work; none for a call that is read to its end whoever listens. */
  signal?: AbortSignal
}

/** What some vendors want to know beside a secret, each under its own name (see the vendor's door). */
export type AccessSettings = Readonly<Record<string, string>>

/** An account that is open: where it is, and the secret that opens it, which is never shown, logged or kept. */
export type Access = {
  /** Without a slash at its end. */
  baseUrl: string
  secret: string
  settings: AccessSettings
}

/**
 * One key of a provider. Names of models compare case-insensitively; `['*']` is all of them. `weight`: how often it is
 * chosen among those that have the model.
 */
export type ProviderKey = {
  id: string
  name: string
  weight: number
  models: readonly string[]
  blacklistedModels: readonly string[]
  /** Throws `provider_key_unusable` where its secret cannot be had. */
  open(): Promise<Access>
}

/** What a provider's models cost, where that is not as the pricebook has it. */
export type Tariff = {
  /** `undefined`: not known there. */
  find(model: string): PricedModel | undefined
  /** Those that can be named. */
  list(): PricedModel[]
}

/** The id of a deployment's own key, whose account all tenants share that may use it. */
export const DEPLOYMENT_KEY = 'deployment'

/** One configured provider: where a plan's step sends its request. */
export type Provider = {
  name: string
  /** The provider's name in the pricebook. */
  pricebook: string
  /** Its own prices (see `priced-models.ts`); without one, those of the pricebook. */
  tariff?: Tariff
  /** Where it works, in its own words, such as `eu-central-1`; none where it does not say. */
  region?: string
  /** The area whose law it keeps to, such as `eu` or `us`; none where it promises none. */
  residency?: string
  /** How long it is waited for, where neither the virtual key nor the request says. */
  patience?: Patience
  /** How a model is asked for that the pricebook has under a name of its own; none where that is its name. */
  modelId?(entry: string): string
  /** Whether it takes a model by this name: the pricebook knows some by names of others. None: by all that the pricebook knows. */
  takes?(model: string): boolean
  /** None where a tenant has switched off all of its own: then it cannot be used. */
  keys: readonly ProviderKey[]
  /** The formats it speaks, its own first: what comes in another is translated into that. */
  endpoints: ReadonlyMap<FormatName, Endpoint>
}

/** One format of a provider. `call` rejects only where nothing answered. */
export type Endpoint = {
  dialect: Dialect
  call(request: ProviderRequest, access: Access): Promise<Response>
  /** Counts the tokens of a request, where the vendor does that on this wire, for nothing. */
  countTokens?(request: ProviderRequest, access: Access): Promise<Response>
  /** Asks for what the account keeps, on the wire that has such things. Rejects only where nothing answered. */
  manage?(request: Managed, access: Access): Promise<Response>
}

/** What is asked of things that an account keeps; `path` comes behind its address. */
export type Managed = { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string | FormData }

/** What Weir sets in a request. */
export type RequestSetting = { model: string; isStream: boolean; maxOutputTokens: number | undefined }

/** One wire format: what Weir must set in a request, and how usage is read from its answers. */
export type Dialect = {
  /** The request as it goes upstream: model renamed, usage asked for, output capped at `maxOutputTokens` where given. */
  prepare(body: Record<string, unknown>, set: RequestSetting): string
  /** Throws `untranslatable`, naming the field, for a request that the vendor cannot be asked. */
  assertSayable?(body: Record<string, unknown>): void
  /** Usage of a whole answer, or `undefined` where it has none. */
  readUsage(body: unknown): BillableUsage | undefined
  /** A reader for one stream, fed with its events in order. */
  streamReader(): StreamReader
  /**
   * The most tokens that the vendor adds by itself to the input of a request, such as a prompt for its tools; `Infinity` where
   * nobody can say. None: it adds, or bills, nothing that is not in the request.
   */
  addedTokens?(body: Record<string, unknown>, model: string): number
}

/** Follows one stream. `read` is called with the data of each SSE event. */
export type StreamReader = {
  /** Says whether the event carries nothing but the usage that Weir asked for. */
  read(data: string): { isUsageOnly: boolean }
  /**
   * What the provider reported, or `undefined` when the stream ended without it. Not `isWhole`: output came after the
   * report, and our own count of that is in it.
   */
  usage(): { usage: BillableUsage; isWhole: boolean } | undefined
  /** Our own count of the output so far, from the text seen; for streams that end without usage. */
  countOutput(): number
  /** Whether the answers have been told to their end, as the wire says it. Parses what was read. */
  hasEnded(): boolean
  /** Whether that count is above `tokens` and more may follow. Cheap while it is far below. */
  isOutputOver(tokens: number): boolean
  /** The events that end the stream here as if its output cap had been reached, for one that Weir has to cut. */
  cutOff(how: { withUsage: boolean; inputTokens: number }): string
}
