import { type Client, type Round, toolResult } from './client.ts'

/** One pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const ZURICH = 'Zürich 🏔️'
const SAO_PAULO = 'São Paulo'
const BYTES = Buffer.from(PNG, 'base64').length
/** Long enough to be left in its middle. */
const LONG = 'word '.repeat(120)

/** One thing that a client does: what it says, which model of the mock's answers it, and what must come back. */
export type Case = {
  mock: string
  prompt: string
  run(client: Client, prompt: string): Promise<unknown>
  /** What a scripted vendor makes of it, and what the mock does: by what was said and what came back. */
  vendor(prompt: string): unknown
  echo(prompt: string, got: unknown): unknown
}

const hello = (prompt: string) => `Grüezi 👋🏽, you said: ${prompt}`

// The mock calls every tool with the least that its schema takes, and repeats the last result.
function mockRound(names: string[], got: unknown): Round {
  const { calls } = got as Round
  const { name = '', args } = calls.at(-1) ?? {}
  return { calls: names.map((one, index) => ({ name: one, args: calls[index]?.args })), text: toolResult(name, args) }
}

const WHOLE: Case = {
  mock: 'echo',
  prompt: 'Hello there, ça va?',
  run: (client, prompt) => client.chat(prompt),
  vendor: hello,
  echo: prompt => prompt,
}

const ROUND: Case = {
  mock: 'tools',
  prompt: 'Please use the tool.',
  run: (client, prompt) => client.round(prompt, ['get_weather'], false),
  vendor: () => ({
    calls: [{ name: 'get_weather', args: { city: ZURICH } }],
    text: `The tools said: get_weather of <${ZURICH}>`,
  }),
  echo: (_, got) => mockRound(['get_weather'], got),
}

const PARALLEL: Case = {
  mock: 'tools',
  prompt: 'Please use both tools.',
  run: (client, prompt) => client.round(prompt, ['get_weather', 'get_time'], true),
  vendor: () => ({
    calls: [
      { name: 'get_weather', args: { city: ZURICH } },
      { name: 'get_time', args: { city: SAO_PAULO } },
    ],
    text: `The tools said: get_weather of <${ZURICH}> and get_time of <${SAO_PAULO}>`,
  }),
  echo: (_, got) => mockRound(['get_weather', 'get_time'], got),
}

const JSON_BY_SCHEMA: Case = {
  mock: 'tools',
  prompt: 'Please answer json.',
  run: (client, prompt) => client.json(prompt),
  vendor: () => ({ city: 'Zürich', degrees: 21.5 }),
  echo: (_, got) => {
    const { city, degrees } = got as Record<string, unknown>
    return { city: String(city), degrees: Number(degrees) }
  },
}

const PICTURE: Case = {
  mock: 'echo',
  prompt: 'Please look at this.',
  run: (client, prompt) => client.look(prompt, PNG),
  vendor: () => `I see 1: image/png of ${BYTES} bytes`,
  echo: prompt => prompt,
}

/** What every client does with every provider, whole. */
export const CASES: Record<string, Case> = {
  chat: WHOLE,
  stream: { ...WHOLE, run: (client, prompt) => client.stream(prompt) },
  tool: ROUND,
  'tools, streamed': PARALLEL,
  json: JSON_BY_SCHEMA,
  image: PICTURE,
}

/** What a client leaves in the middle. */
export const LEAVING = { mock: 'slow', prompt: `Please go slowly. ${LONG}` }
