import { describe, it } from 'vitest'
import { chunks, complete, user } from './mock-call.ts'

const parameters = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 20 },
    days: { type: 'integer', minimum: 3, multipleOf: 2 },
    unit: { enum: ['celsius', 'kelvin'] },
    spot: { $ref: '#/$defs/spot' },
    note: { type: 'string' },
  },
  required: ['city', 'days', 'unit', 'spot'],
  $defs: { spot: { type: 'object', properties: { lat: { type: 'number', maximum: -5 } }, required: ['lat'] } },
}
const WEATHER = { type: 'function', function: { name: 'get_weather', parameters } }
const CLOCK = { type: 'function', function: { name: 'clock' } }
const ARGUMENTS = { city: `text${'t'.repeat(16)}`, days: 4, unit: 'celsius', spot: { lat: -6 } }

describe('the mock, calling tools', () => {
  it('calls all of them, with arguments that their schemas require', async ({ expect }) => {
    const { choices } = await complete('tools', { tools: [WEATHER, CLOCK] })
    expect(choices).toMatchObject([{ message: { content: null }, finish_reason: 'tool_calls' }])
    const calls = choices[0]?.message.tool_calls ?? []
    expect(calls.map(call => call.function.name)).toEqual(['get_weather', 'clock'])
    expect(calls.map(call => JSON.parse(call.function.arguments))).toEqual([ARGUMENTS, {}])
    expect(new Set(calls.map(call => call.id)).size).toBe(2)
  })

  it('calls one where it may not call more', async ({ expect }) => {
    const { choices } = await complete('tools', { tools: [WEATHER, CLOCK], parallel_tool_calls: false })
    expect(choices[0]?.message.tool_calls).toHaveLength(1)
  })

  it('streams the arguments in pieces that make the whole', async ({ expect }) => {
    const args = ['', '']
    const names: (string | undefined)[] = []
    const sent = await chunks('tools', { tools: [WEATHER, CLOCK] })
    for (const call of sent.flatMap(chunk => chunk.choices[0]?.delta.tool_calls ?? [])) {
      if (call.id) names[call.index] = call.function?.name
      args[call.index] += call.function?.arguments
    }
    expect(names).toEqual(['get_weather', 'clock'])
    expect(args.map(text => JSON.parse(text))).toEqual([ARGUMENTS, {}])
    expect(sent.length).toBeGreaterThan(20)
  })

  it('says what the tool said, and echoes where there is no tool', async ({ expect }) => {
    const messages = [user('weather?'), { role: 'assistant', content: null }, { role: 'tool', content: 'sunny' }]
    const told = await complete('tools', { tools: [WEATHER], messages })
    expect(told.choices).toMatchObject([{ message: { content: 'sunny' }, finish_reason: 'stop' }])
    expect((await complete('tools')).choices).toMatchObject([{ message: { content: 'hello' } }])
  })

  it('is cut within a call like anywhere else', async ({ expect }) => {
    const { choices, usage } = await complete('tools', { tools: [WEATHER], max_tokens: 4 })
    expect(choices[0]?.finish_reason).toBe('length')
    expect(choices[0]?.message.tool_calls?.[0]?.function.arguments).toBe('{"city')
    expect(usage.completion_tokens).toBe(4)
  })
})
