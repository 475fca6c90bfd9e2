import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type Chat, call, chatBody, complete, usageOf, user } from './mock-call.ts'

const prose = fc.oneof(fc.string({ unit: 'grapheme' }), fc.lorem(), fc.string({ unit: 'binary' }))
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('user', 'assistant', 'system', 'tool'), content: prose }),
  fc.record({ role: fc.constant('user'), content: fc.array(fc.record({ type: fc.constant('text'), text: prose })) }),
)

async function content(model: string, chat: Chat) {
  return (await complete(model, chat)).choices[0]?.message.content
}

describe('the mock, answering whole', () => {
  it('says back what the user said last', async ({ expect }) => {
    const messages = [user('first'), { role: 'assistant', content: 'no' }, user('Hello,  big\nworld! ')]
    const { choices } = await complete('echo', { messages })
    expect(choices).toMatchObject([{ index: 0, message: { content: 'Hello,  big\nworld! ' }, finish_reason: 'stop' }])
    const parts = [{ type: 'text', text: 'Hello ' }, { type: 'image_url' }, { type: 'text', text: 'parts' }]
    expect(await content('echo', { messages: [user(parts)] })).toBe('Hello parts')
  })

  it('counts three tokens a message, and its words and marks', async ({ expect }) => {
    const messages = [{ role: 'system', content: 'Be brief.' }, user('incomprehensibility, then')]
    expect(await usageOf('echo', { messages })).toMatchObject({ inputTokens: 6 + 3 + 5, outputTokens: 5 })
  })

  it('never counts more prompt tokens than the request has bytes', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), async messages => {
        const bytes = new TextEncoder().encode(chatBody({ messages })).length
        expect((await usageOf('echo', { messages }))?.inputTokens).toBeLessThanOrEqual(bytes)
      }),
    )
  })

  it.for(['max_completion_tokens', 'max_tokens'])('honours %s to the token', async (field, { expect }) => {
    const messages = [user('one two three')]
    for (const [cap, said, finish] of [
      [1, 'one', 'length'],
      [2, 'one two', 'length'],
      [3, 'one two three', 'stop'],
      [4, 'one two three', 'stop'],
    ] as const) {
      const { choices, usage } = await complete('echo', { messages, [field]: cap })
      expect(choices).toMatchObject([{ message: { content: said }, finish_reason: finish }])
      expect(usage.completion_tokens).toBe(Math.min(cap, 3))
    }
  })

  it('bills every choice', async ({ expect }) => {
    const { choices, usage } = await complete('echo', { messages: [user('one two three')], n: 8, max_tokens: 2 })
    expect(choices.map(choice => [choice.index, choice.message.content])).toEqual(
      Array.from({ length: 8 }, (_, index) => [index, 'one two']),
    )
    expect(usage.completion_tokens).toBe(16)
  })

  it('reasons first, within the cap', async ({ expect }) => {
    const messages = [user('one two')]
    expect(await usageOf('reasoning', { messages })).toMatchObject({ outputTokens: 34, reasoningTokens: 32 })
    const cut = await complete('reasoning', { messages, max_completion_tokens: 10 })
    expect(cut.choices).toMatchObject([{ message: { content: '' }, finish_reason: 'length' }])
    expect(cut.usage).toMatchObject({ completion_tokens: 10, completion_tokens_details: { reasoning_tokens: 10 } })
  })

  it('answers in JSON where asked to', async ({ expect }) => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const asked = { type: 'json_schema', json_schema: { name: 'place', schema } }
    expect(JSON.parse((await content('echo', { response_format: asked })) ?? '')).toEqual({ city: 'text' })
    const any = { response_format: { type: 'json_object' }, messages: [user('say "hi"')] }
    expect(JSON.parse((await content('echo', any)) ?? '')).toEqual({ echo: 'say "hi"' })
  })

  it('answers alike to the same chat, but for the id', async ({ expect }) => {
    const [one, other] = [await complete('echo'), await complete('echo')]
    expect({ ...one, id: '' }).toEqual({ ...other, id: '' })
  })
})

describe('the mock, refusing', () => {
  it.for([400, 401, 404, 429, 500, 503])('answers %i in the shape of OpenAI', async (status, { expect }) => {
    const response = await call(`error-${status}`, { stream: true })
    expect(response.status).toBe(status)
    const { error } = await response.json<{ error: object }>()
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '7' : null)
  })

  it.for(['', 'gpt-4o', 'constructor', '__proto__'])('knows no model named "%s"', async (model, { expect }) => {
    const response = await call(model)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_found', type: 'invalid_request_error' } })
  })

  it.for([{ messages: 'x' }, { messages: [] }, { n: 0 }, { n: 9 }, { max_tokens: 0 }, { max_tokens: 1.5 }])(
    'refuses %j',
    async (chat, { expect }) => {
      expect((await call('echo', chat)).status).toBe(400)
    },
  )

  it('breaks off a whole answer where it is to drop', async ({ expect }) => {
    const response = await call('drop')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
  })

  it('rejects an aborted call, at once or while it waits', async ({ expect }) => {
    const gone = new Error('gone')
    await expect(call('echo', {}, AbortSignal.abort(gone))).rejects.toBe(gone)
    const abort = new AbortController()
    const waiting = call('slow', {}, abort.signal)
    abort.abort(gone)
    await expect(waiting).rejects.toBe(gone)
  })
})
