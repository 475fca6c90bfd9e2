import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, isStepCount, jsonSchema, type LanguageModel, Output, streamText, type ToolSet, tool } from 'ai'
import { CITY, type Client, type ClientKind, type Target, toolResult, WEATHER } from './client.ts'

// It prints a warning for every model that it does not know, which are all behind a gateway.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

type Ask = {
  model: LanguageModel
  prompt: string
  maxRetries: 0
  tools?: ToolSet
  stopWhen?: ReturnType<typeof isStepCount>
}
type Step = { toolCalls: { toolName: string; input: unknown }[] }

function toolNamed(name: string) {
  const inputSchema = jsonSchema<{ city: string }>(CITY as Parameters<typeof jsonSchema>[0])
  return tool({ description: `The ${name}`, inputSchema, execute: async args => toolResult(name, args) })
}

// What goes wrong in a stream is handed to `onError`, and otherwise printed; a later step's failure leaves the rest as it was.
async function streamed(ask: Ask) {
  let failure: unknown
  const keep = (error: unknown) => {
    failure ??= error
  }
  const result = streamText({ ...ask, onError: ({ error }) => keep(error) })
  try {
    const [text, steps] = await Promise.all([result.text, result.steps])
    if (failure) throw failure
    return { text, steps: steps as Step[] }
  } catch (thrown) {
    throw failure ?? thrown
  }
}

async function whole(ask: Ask) {
  const { text, steps } = await generateText(ask)
  return { text, steps: steps as Step[] }
}

async function abort(ask: Ask): Promise<void> {
  const leaving = new AbortController()
  const { textStream } = streamText({ ...ask, abortSignal: leaving.signal, onError: () => undefined })
  for await (const text of textStream) if (text) return leaving.abort()
  throw new Error('the stream ended first')
}

function clientOf(model: LanguageModel): Client {
  const plain = (prompt: string): Ask => ({ model, prompt, maxRetries: 0 })
  return {
    chat: async prompt => (await whole(plain(prompt))).text,
    stream: async prompt => (await streamed(plain(prompt))).text,
    async round(prompt, names, isStream) {
      const tools = Object.fromEntries(names.map(name => [name, toolNamed(name)]))
      const ask = { ...plain(prompt), tools, stopWhen: isStepCount(2) }
      const { text, steps } = await (isStream ? streamed(ask) : whole(ask))
      const calls = steps.flatMap(({ toolCalls }) =>
        toolCalls.map(({ toolName, input }) => ({ name: toolName, args: input })),
      )
      return { calls, text }
    },
    async json(prompt) {
      const schema = jsonSchema(WEATHER as Parameters<typeof jsonSchema>[0])
      return (await generateText({ ...plain(prompt), output: Output.object({ schema }) })).output
    },
    async look(prompt, png) {
      const image = { type: 'file' as const, data: png, mediaType: 'image/png' }
      const content = [{ type: 'text' as const, text: prompt }, image]
      return (await generateText({ model, maxRetries: 0, messages: [{ role: 'user', content }] })).text
    },
    abort: prompt => abort(plain(prompt)),
  }
}

const ERRORS = { '401': 'AI_APICallError', '429': 'AI_APICallError', '500': 'AI_APICallError' }

/** What the providers of the AI SDK are made with: its addresses end in the version. */
function settings({ baseUrl, apiKey, tag }: Target) {
  return { baseURL: `${baseUrl}/v1`, apiKey, headers: { 'x-request-id': tag } }
}

/** Vercel's AI SDK with its OpenAI provider, which speaks responses. */
export const aiOpenai: ClientKind = {
  make: target => clientOf(createOpenAI(settings(target))(target.model)),
  errors: ERRORS,
}

/** The same with its provider of Anthropic. */
export const aiAnthropic: ClientKind = {
  make: target => clientOf(createAnthropic(settings(target))(target.model)),
  errors: ERRORS,
}

/** The same with its provider for whatever speaks chat completions. */
export const aiCompatible: ClientKind = {
  make: target => {
    const options = { name: 'weir', includeUsage: true, supportsStructuredOutputs: true, ...settings(target) }
    return clientOf(createOpenAICompatible(options)(target.model))
  },
  errors: ERRORS,
}
