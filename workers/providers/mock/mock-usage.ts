import { type Choice, choiceTokens } from './choice.ts'
import { type MockChat, messageText } from './mock-chat.ts'
import { countTokens } from './tokens.ts'

/** What OpenAI's wire puts around each message, in tokens. */
const TOKENS_PER_MESSAGE = 3

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function promptTokens({ messages }: MockChat): number {
  return sum(messages.map(message => countTokens(messageText(message)) + TOKENS_PER_MESSAGE))
}

/** The `usage` member of an answer. Prompt tokens never exceed the bytes of the request's JSON. */
export function mockUsage(chat: MockChat, choices: Choice[]) {
  const prompt = promptTokens(chat)
  const completion = sum(choices.map(choiceTokens))
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: sum(choices.map(choice => choice.reasoningTokens)),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** The usage that the mock bills, in OpenAI's shape. */
export type MockUsage = ReturnType<typeof mockUsage>
