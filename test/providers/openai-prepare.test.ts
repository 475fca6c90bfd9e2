import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { openaiDialect } from '../../workers/providers/openai/openai-dialect.ts'

const openai = openaiDialect({ outputCapField: 'max_completion_tokens' })
const older = openaiDialect({ outputCapField: 'max_tokens' })

const CHAT = { model: 'openai/m', messages: [{ role: 'user', content: 'hi' }] }

function prepared(chat: Record<string, unknown>, maxOutputTokens?: number, dialect = openai) {
  return JSON.parse(dialect.prepare({ ...CHAT, ...chat }, { model: 'm', isStream: false, maxOutputTokens })) as Record<
    string,
    unknown
  >
}

describe('a chat on its way to a vendor', () => {
  it('is the same chat under another model name', ({ expect }) => {
    const text =
      '{"model":"openai/m","seed":12345678901234567890,"temperature":1.0,"x_new":{"a":[null,1e400]},"messages":[]}'
    const chat = parseLossless(text) as Record<string, unknown>
    expect(openai.prepare(chat, { model: 'm', isStream: false, maxOutputTokens: undefined })).toBe(
      text.replace('openai/m', 'm'),
    )
  })

  it('does not change the chat it was made from', ({ expect }) => {
    const chat = Object.freeze({ ...CHAT, stream: true, stream_options: Object.freeze({}), max_tokens: 9 })
    openai.prepare(chat, { model: 'm', isStream: false, maxOutputTokens: 5 })
    expect(chat).toEqual({ ...CHAT, stream: true, stream_options: {}, max_tokens: 9 })
  })

  it('asks for usage where it is streamed, and keeps the other stream options', ({ expect }) => {
    const asked = { include_usage: true }
    expect(prepared({ stream: true }).stream_options).toEqual(asked)
    expect(prepared({ stream: true, stream_options: null }).stream_options).toEqual(asked)
    expect(prepared({ stream: true, stream_options: { include_usage: false, x: 1 } }).stream_options).toEqual({
      ...asked,
      x: 1,
    })
    expect(prepared({ stream: false })).not.toHaveProperty('stream_options')
    expect(prepared({})).not.toHaveProperty('stream_options')
  })

  it.for([
    { sent: {}, goes: { max_completion_tokens: 100 } },
    { sent: { max_tokens: null, max_completion_tokens: null }, goes: { max_completion_tokens: 100, max_tokens: null } },
    { sent: { max_completion_tokens: 50 }, goes: { max_completion_tokens: 50 } },
    { sent: { max_completion_tokens: 100 }, goes: { max_completion_tokens: 100 } },
    { sent: { max_completion_tokens: 101 }, goes: { max_completion_tokens: 100 } },
    { sent: { max_tokens: 50 }, goes: { max_tokens: 50 } },
    { sent: { max_tokens: 5000 }, goes: { max_tokens: 100 } },
    { sent: { max_tokens: 5000, max_completion_tokens: 7 }, goes: { max_tokens: 100, max_completion_tokens: 7 } },
    { sent: { max_tokens: '5000' }, goes: { max_tokens: 100 } },
    { sent: { max_tokens: -1 }, goes: { max_tokens: 100 } },
  ])('caps $sent at 100 as $goes', ({ sent, goes }, { expect }) => {
    expect(prepared(sent, 100)).toEqual({ ...CHAT, model: 'm', ...goes })
  })

  it('lowers a cap that no double can carry', ({ expect }) => {
    const chat = parseLossless('{"max_tokens":1e400,"max_completion_tokens":99999999999999999999}')
    const text = openai.prepare(chat as Record<string, unknown>, { model: 'm', isStream: false, maxOutputTokens: 10 })
    expect(JSON.parse(text)).toEqual({ max_tokens: 10, max_completion_tokens: 10, model: 'm' })
  })

  it('leaves the caps alone where there is nothing to cap at', ({ expect }) => {
    expect(prepared({ max_tokens: 5000, max_completion_tokens: 9 })).toMatchObject({
      max_tokens: 5000,
      max_completion_tokens: 9,
    })
    expect(prepared({})).toEqual({ ...CHAT, model: 'm' })
  })

  it.for([
    { sent: {}, max: 100, goes: { max_tokens: 100 } },
    { sent: { max_completion_tokens: 50 }, max: 100, goes: { max_tokens: 50 } },
    { sent: { max_completion_tokens: 500 }, max: 100, goes: { max_tokens: 100 } },
    { sent: { max_completion_tokens: 500 }, max: undefined, goes: { max_tokens: 500 } },
    { sent: { max_completion_tokens: null, max_tokens: 500 }, max: 100, goes: { max_tokens: 100 } },
    { sent: { max_completion_tokens: 70, max_tokens: 90 }, max: 100, goes: { max_tokens: 70 } },
    { sent: { max_tokens: 90 }, max: undefined, goes: { max_tokens: 90 } },
  ])('sends $sent to a vendor of max_tokens as $goes', ({ sent, max, goes }, { expect }) => {
    expect(prepared(sent, max, older)).toEqual({ ...CHAT, model: 'm', ...goes })
  })
})
