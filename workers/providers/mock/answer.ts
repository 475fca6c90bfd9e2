import type { ProviderRequest } from '../port.ts'
import type { Choice } from './choice.ts'
import { generate } from './generate.ts'
import type { MockChat } from './mock-chat.ts'
import { type MockUsage, mockUsage } from './mock-usage.ts'
import type { MockModel } from './models.ts'

/** All that is known of one answer before it is sent, whole or streamed. */
export type Answer = {
  id: string
  model: MockModel
  modelName: string
  chat: MockChat
  choices: Choice[]
  usage: MockUsage
  signal: AbortSignal | undefined
}

/** Makes the answer of one call: `n` choices, all alike. */
export function makeAnswer(model: MockModel, chat: MockChat, call: { id: string; request: ProviderRequest }): Answer {
  const choice = generate(model, chat)
  const choices = Array.from({ length: chat.n ?? 1 }, () => choice)
  const { model: modelName, signal } = call.request
  return { id: call.id, model, modelName, chat, choices, usage: mockUsage(chat, choices), signal }
}

// It serves any tier that it is asked for, and chooses the usual one. Nobody who does not ask is told.
function servedTier({ service_tier: asked }: MockChat): { service_tier?: string } {
  return asked == null ? {} : { service_tier: asked === 'auto' ? 'default' : asked }
}

/** The members that whole answers and chunks begin with. `created` is fixed: a mock has no clock. */
export function answerHead({ id, modelName, chat }: Answer, object: 'chat.completion' | 'chat.completion.chunk') {
  return { id, object, created: 1_767_225_600, model: modelName, ...servedTier(chat) }
}
