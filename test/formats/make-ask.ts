import type { ChatAsk, Message, Part } from '../../workers/formats/chat.ts'

/** A user's message of these parts. */
export function said(...parts: Part[]): Message {
  return { role: 'user', parts }
}

/** An ask that says nothing but "hi", with what a test wants beside. */
export function makeAsk(change: Partial<ChatAsk> = {}): ChatAsk {
  return {
    model: 'some-model',
    messages: [said({ kind: 'text', text: 'hi' })],
    tools: [],
    sampling: {},
    choices: 1,
    isStream: false,
    ...change,
  }
}

/** What was thrown: its code and the parameter that it names. */
export function refusalOf(act: () => unknown): { code: unknown; param: unknown } | undefined {
  try {
    act()
    return undefined
  } catch (thrown) {
    const { code, extras } = thrown as { code?: unknown; extras?: { param?: unknown } }
    return { code, param: extras?.param }
  }
}
