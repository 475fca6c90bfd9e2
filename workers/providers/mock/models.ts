/** How a mock model behaves. Pauses in milliseconds: before each streamed chunk, or before a whole answer. */
export type MockModel = {
  chunkPauseMs: number
  wholePauseMs: number
  reasoningTokens: number
  callsTools: boolean
  /** Breaks its answer off in the middle, without usage. */
  drops: boolean
  /** Answers nothing but this HTTP status. */
  errorStatus: number | undefined
}

const ECHO: MockModel = {
  chunkPauseMs: 0,
  wholePauseMs: 0,
  reasoningTokens: 0,
  callsTools: false,
  drops: false,
  errorStatus: undefined,
}

/** `free` and `tiered` differ from `echo` in the pricebook only. */
const MODELS: ReadonlyMap<string, MockModel> = new Map([
  ['echo', ECHO],
  ['free', ECHO],
  ['tiered', ECHO],
  ['slow', { ...ECHO, chunkPauseMs: 50, wholePauseMs: 500 }],
  ['tools', { ...ECHO, callsTools: true }],
  ['reasoning', { ...ECHO, reasoningTokens: 32 }],
  ['drop', { ...ECHO, drops: true }],
  ...[400, 401, 404, 429, 500, 503].map(status => [`error-${status}`, { ...ECHO, errorStatus: status }] as const),
])

/** The mock model of that name, or `undefined` where there is none. */
export function mockModel(name: string): MockModel | undefined {
  return MODELS.get(name)
}
