import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import {
  CITY,
  type Client,
  type ClientKind,
  collect,
  STAINLESS_ERRORS,
  type Target,
  toolResult,
  WEATHER,
} from './client.ts'

function toolOf(name: string) {
  return { type: 'function' as const, function: { name, description: `The ${name}`, parameters: CITY } }
}

function make({ baseUrl, apiKey, model, tag }: Target): Client {
  const configuration = { baseURL: `${baseUrl}/v1`, defaultHeaders: { 'x-request-id': tag } }
  const llm = new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration })
  async function joined(messages: BaseMessage[], runnable: Pick<ChatOpenAI, 'stream'> = llm) {
    const chunks = await collect(await runnable.stream(messages))
    return chunks.reduce((all, chunk) => all.concat(chunk))
  }
  return {
    chat: async prompt => (await llm.invoke(prompt)).text,
    stream: async prompt => (await joined([new HumanMessage(prompt)])).text,
    async round(prompt, names, isStream) {
      const bound = llm.bindTools(names.map(toolOf))
      const ask = (messages: BaseMessage[]) => (isStream ? joined(messages, bound as never) : bound.invoke(messages))
      const first = await ask([new HumanMessage(prompt)])
      const tool_calls = first.tool_calls ?? []
      const results = tool_calls.map(
        ({ id = '', name, args }) => new ToolMessage({ tool_call_id: id, content: toolResult(name, args) }),
      )
      const answered = new AIMessage({ content: first.content, tool_calls })
      const last = await ask([new HumanMessage(prompt), answered, ...results])
      return { calls: tool_calls.map(({ name, args }) => ({ name, args })), text: last.text }
    },
    json: prompt => llm.withStructuredOutput(WEATHER, { name: 'weather', method: 'jsonSchema' }).invoke(prompt),
    async look(prompt, png) {
      const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }
      return (await llm.invoke([new HumanMessage({ content: [{ type: 'text', text: prompt }, image] })])).text
    },
    async abort(prompt) {
      const leaving = new AbortController()
      for await (const { text } of await llm.stream(prompt, { signal: leaving.signal }))
        if (text) return leaving.abort()
      throw new Error('the stream ended first')
    },
  }
}

/** LangChain's chat model of OpenAI, which is the official client inside. */
export const langchain: ClientKind = { make, errors: STAINLESS_ERRORS }
