import type { ChatAnswer, ChatAsk, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { endingOf } from './finish.ts'
import { type OutputDelta, OutputWriter } from './output-writer.ts'
import { responseObject } from './response-object.ts'

function deltasOf(part: Part): OutputDelta[] {
  if (part.kind === 'text' || part.kind === 'refusal') return [{ kind: part.kind, choice: 0, text: part.text }]
  if (part.kind === 'reasoning') return [{ ...part, choice: 0 }]
  if (part.kind !== 'tool_call') throw untranslatable('output', `this wire has no ${part.kind} of a model's own`)
  const { id, name, signature, arguments: text } = part
  return [
    { kind: 'tool_call', choice: 0, index: 0, id, name, ...given({ signature }) },
    { kind: 'tool_arguments', choice: 0, index: 0, text },
  ]
}

/** The log probabilities of an answer are told with its first text. */
function deltasOfChoice({ parts, logprobs }: Choice): OutputDelta[][] {
  const first = parts.findIndex(part => part.kind === 'text')
  return parts.map((part, index) => {
    const deltas = deltasOf(part)
    return index === first ? deltas.map(delta => ({ ...delta, ...given({ logprobs }) })) : deltas
  })
}

function writeChoice(choice: Choice, id: string): OutputWriter {
  const writer = new OutputWriter(id)
  const pieces = deltasOfChoice(choice)
  pieces.forEach((deltas, index) => {
    for (const delta of deltas) writer.push(delta)
    writer.close(index < pieces.length - 1 ? 'completed' : endingOf(choice.finish, writer.contains).status)
  })
  return writer
}

/** The answer's body. This wire has one choice. */
export function encodeAnswer(answer: ChatAnswer, ask: ChatAsk): Json {
  const { id, model, createdMs, usage, serviceTier } = answer
  const choice = answer.choices[0] ?? { index: 0, parts: [], finish: 'other' }
  const { items: output, contains } = writeChoice(choice, id)
  const ending = endingOf(choice.finish, contains)
  return responseObject({ id, model, createdMs, ...ending, output, usage, serviceTier }, ask)
}
