/** Where a client sends its requests, as whom, for which model; `tag` is its request id, and stands in every prompt. */
export type Target = { baseUrl: string; apiKey: string; model: string; tag: string }

/** A call of a tool as the client's own types tell it. */
export type SeenCall = { name: string; args: unknown }

/** A whole round: the calls that the model made, and what it said when it had their results. */
export type Round = { calls: SeenCall[]; text: string }

/** A real client as the matrix drives it. Every method throws what its library throws. */
export type Client = {
  /** A whole answer's text. */
  chat(prompt: string): Promise<string>
  /** A streamed answer's text, joined. */
  stream(prompt: string): Promise<string>
  /** Offers `tools`, runs what is called, sends the results back, and reads the last answer. */
  round(prompt: string, tools: string[], isStream: boolean): Promise<Round>
  /** The value that a schema asked for. */
  json(prompt: string): Promise<unknown>
  /** The answer to a picture, PNG in base64. */
  look(prompt: string, png: string): Promise<string>
  /** Begins a stream, and leaves it after its first text. */
  abort(prompt: string): Promise<void>
}

/** One kind of client: the error classes of its library for a vendor's 401, 429 and 500, by name. */
export type ClientKind = { make(target: Target): Client; errors: Record<'401' | '429' | '500', string> }

/** What every tool takes. */
export const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const

/** What a structured answer must be. */
export const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
} as const

/** What a tool answers. */
export function toolResult(name: string, args: unknown): string {
  const { city } = args as { city: string }
  return `${name} of <${city}>`
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** Two of the three OpenAI-made libraries, and Anthropic's, name their errors alike. */
export const STAINLESS_ERRORS = {
  '401': 'AuthenticationError',
  '429': 'RateLimitError',
  '500': 'InternalServerError',
} as const
