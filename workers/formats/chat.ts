// A chat in nobody's words: what every wire's requests and answers are translated into, and out of. Pure data.

/** Bytes of a picture, a sound or a file: at an address, inline, or kept by the vendor under an id. */
export type Source =
  /** `mediaType` where the caller told it: Gemini names it beside an address. */
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'data'; mediaType: string; base64: string }
  | { kind: 'id'; id: string; mediaType?: string }

/** The prompt up to and with this part shall be cached, for so long. */
export type CacheMark = { ttl: '5m' | '1h' }

/** A piece of a message. `arguments` are the JSON text of a tool call, whole. */
export type Part =
  | { kind: 'text'; text: string; cache?: CacheMark }
  | { kind: 'image'; source: Source; detail?: 'low' | 'high' | 'auto'; cache?: CacheMark }
  | { kind: 'audio'; source: Source; cache?: CacheMark }
  | { kind: 'file'; source: Source; name?: string; cache?: CacheMark }
  | { kind: 'tool_call'; id: string; name: string; arguments: string; signature?: string; cache?: CacheMark }
  | { kind: 'tool_result'; callId: string; name?: string; content: Part[]; isError?: boolean; cache?: CacheMark }
  /** What the model thought. `signature` lets its vendor know it again; `redacted` is all there is where it hides the text. */
  | { kind: 'reasoning'; text: string; signature?: string; redacted?: string; id?: string }
  | { kind: 'refusal'; text: string }

/** One message. `system` has instructions (a developer's are the same); a tool's results are parts of a `user` message. */
export type Message = { role: 'system' | 'user' | 'assistant'; parts: Part[]; name?: string }

/** A function that the model may call. `schema` is JSON Schema; `strict`: arguments must follow it. */
export type Tool = {
  name: string
  description?: string
  schema: Record<string, unknown>
  strict?: boolean
  cache?: CacheMark
}

/** Which tools must be called: none, any or none, at least one, or this one. */
export type ToolChoice = { kind: 'auto' | 'none' | 'required' } | { kind: 'tool'; name: string }

/** What shape the answer's text must have. */
export type OutputShape =
  | { kind: 'text' }
  | { kind: 'json' }
  | { kind: 'schema'; name: string; description?: string; schema: Record<string, unknown>; strict?: boolean }

/** How words are chosen. Ranges are each vendor's own and are not changed: what a vendor refuses, it refuses itself. */
export type Sampling = {
  temperature?: number
  topP?: number
  topK?: number
  presencePenalty?: number
  frequencyPenalty?: number
  seed?: number
  stop?: string[]
  logitBias?: Record<string, number>
}

/** How much to think before the answer: by word, or by the most tokens; `budgetTokens: 0` is not at all. */
export type Reasoning = {
  effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'
  budgetTokens?: number
  /** The model decides for itself whether and how much to think, where no effort or budget says it. */
  isAdaptive?: boolean
  /** Whether the thoughts shall be in the answer. */
  isShown?: boolean
}

/** A request for an answer to a chat. Absent fields were not given. */
export type ChatAsk = {
  model: string
  messages: Message[]
  tools: Tool[]
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
  output?: OutputShape
  sampling: Sampling
  maxOutputTokens?: number
  /** How many answers; 1 unless asked. */
  choices: number
  /** Log probabilities of each token, and of so many others in its place. */
  logprobs?: { top: number }
  reasoning?: Reasoning
  serviceTier?: string
  /** The end user, as the caller names him. */
  user?: string
  metadata?: Record<string, string>
  isStream: boolean
  /** Whether a stream shall end with its usage, where a wire leaves that to the caller. */
  wantsStreamUsage?: boolean
  /** The caller speaks OpenAI's older functions: a call is `function_call`, not one of `tool_calls`. */
  wantsFunctionCall?: boolean
}

/** Why an answer ended. `paused`: the vendor wants to be asked on; `other`: for a reason that only it knows. */
export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'paused' | 'other'

/** One token and how likely it was, with others in its place. Natural logarithms. */
export type TokenLogprob = {
  token: string
  logprob: number
  bytes: number[] | null
  top: { token: string; logprob: number; bytes: number[] | null }[]
}

/** One answer. `stopSequence`: the one that ended it, where it is told. */
export type Choice = {
  index: number
  parts: Part[]
  finish: Finish
  stopSequence?: string
  logprobs?: TokenLogprob[]
}

/** Tokens, as in `core/usage.ts`: `inputTokens` has cached reads and writes inside it, `outputTokens` the reasoning. */
export type AnswerUsage = {
  inputTokens: number
  outputTokens: number
  cachedInputTokens: number
  cacheWriteTokens: number
  /** Those of `cacheWriteTokens` that are kept for an hour. */
  cacheWrite1hTokens: number
  reasoningTokens: number
  inputAudioTokens: number
  outputAudioTokens: number
}

/** A whole answer. `createdMs`: UTC epoch milliseconds. */
export type ChatAnswer = {
  id: string
  model: string
  createdMs: number
  choices: Choice[]
  /** `undefined` where the vendor told none. */
  usage: AnswerUsage | undefined
  serviceTier?: string
}

/**
 * One step of a streamed answer. Parts of one choice come one after the other, but tool calls, which `index` tells apart
 * (0, 1 ... within their choice) and which may be filled in turns. `start` comes first and once; `usage` may come at any
 * time, and the last one holds. After `error` nothing comes.
 */
export type ChatDelta =
  | { kind: 'start'; id: string; model: string; createdMs: number }
  | { kind: 'text'; choice: number; text: string; logprobs?: TokenLogprob[] }
  | { kind: 'refusal'; choice: number; text: string; logprobs?: TokenLogprob[] }
  | { kind: 'reasoning'; choice: number; text: string; signature?: string; redacted?: string; id?: string }
  | { kind: 'tool_call'; choice: number; index: number; id: string; name: string; signature?: string }
  | { kind: 'tool_arguments'; choice: number; index: number; text: string }
  | { kind: 'finish'; choice: number; finish: Finish; stopSequence?: string }
  | { kind: 'usage'; usage: AnswerUsage; serviceTier?: string }
  | { kind: 'error'; status: number; code: string; message: string }
