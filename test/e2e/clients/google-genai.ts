import {
  type Content,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai'
import { CITY, type Client, type ClientKind, collect, type Target, toolResult, WEATHER } from './client.ts'

/** What was answered: its parts, joined over the chunks of a stream. */
type Answer = Content & { parts: Part[] }

function answerOf(chunks: GenerateContentResponse[]): Answer {
  return { role: 'model', parts: chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []) }
}

function textOf({ parts }: Answer): string {
  return parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join('')
}

// As the SDK's own chat does it: an empty text says nothing, and is not sent back.
function spoken({ role, parts }: Answer): Content {
  return { role: role ?? 'model', parts: parts.filter(part => part.text !== '') }
}

function responseOf({ functionCall: call }: Part): Part[] {
  if (!call?.name) return []
  const { name, args = {}, id } = call
  return [{ functionResponse: { name, response: { output: toolResult(name, args) }, ...(id && { id }) } }]
}

function make({ baseUrl, apiKey, model, tag }: Target): Client {
  const genai = new GoogleGenAI({ apiKey, httpOptions: { baseUrl, headers: { 'x-request-id': tag } } })
  const whole = async (contents: Content[], config: GenerateContentConfig = {}) =>
    answerOf([await genai.models.generateContent({ model, contents, config })])
  const streamed = async (contents: Content[], config: GenerateContentConfig = {}) =>
    answerOf(await collect(await genai.models.generateContentStream({ model, contents, config })))
  const user = (...parts: Part[]): Content => ({ role: 'user', parts })
  return {
    chat: async prompt => textOf(await whole([user({ text: prompt })])),
    stream: async prompt => textOf(await streamed([user({ text: prompt })])),
    async round(prompt, names, isStream) {
      const ask = isStream ? streamed : whole
      const functionDeclarations = names.map(name => ({ name, description: name, parametersJsonSchema: CITY }))
      const config = { tools: [{ functionDeclarations }] }
      const first = await ask([user({ text: prompt })], config)
      const calls = first.parts.flatMap(({ functionCall }) =>
        functionCall?.name ? [{ name: functionCall.name, args: functionCall.args }] : [],
      )
      const results = user(...first.parts.flatMap(responseOf))
      return { calls, text: textOf(await ask([user({ text: prompt }), spoken(first), results], config)) }
    },
    async json(prompt) {
      const config = { responseMimeType: 'application/json', responseJsonSchema: WEATHER }
      return JSON.parse(textOf(await whole([user({ text: prompt })], config)))
    },
    async look(prompt, png) {
      return textOf(await whole([user({ text: prompt }, { inlineData: { mimeType: 'image/png', data: png } })]))
    },
    async abort(prompt) {
      const leaving = new AbortController()
      const config = { abortSignal: leaving.signal }
      const stream = await genai.models.generateContentStream({ model, contents: [user({ text: prompt })], config })
      for await (const { text } of stream) if (text) return leaving.abort()
      throw new Error('the stream ended first')
    },
  }
}

/** Google's client. It has one class for all that goes wrong. */
export const googleGenai: ClientKind = { make, errors: { '401': 'ApiError', '429': 'ApiError', '500': 'ApiError' } }
