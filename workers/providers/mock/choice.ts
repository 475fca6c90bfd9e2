import { splitTokens } from './tokens.ts'

/** One generated token: of text, of a call's arguments, or the opening of a call with its name. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'call'; index: number; name: string }
  | { kind: 'arguments'; index: number; text: string }

/** One choice of an answer. `reasoningTokens` are generated before the pieces, and never shown. */
export type Choice = { pieces: Piece[]; reasoningTokens: number; finish: 'stop' | 'length' | 'tool_calls' }

/** Tokens generated for a choice. */
export function choiceTokens({ pieces, reasoningTokens }: Choice): number {
  return reasoningTokens + pieces.length
}

/** A text as pieces. */
export function textPieces(text: string): Piece[] {
  return splitTokens(text).map(token => ({ kind: 'text', text: token }))
}

/** A call as pieces: one that opens it, then those of its arguments (JSON text). */
export function callPieces(name: string, index: number, args: string): Piece[] {
  const rest = splitTokens(args).map((text): Piece => ({ kind: 'arguments', index, text }))
  return [{ kind: 'call', index, name }, ...rest]
}

/** A choice cut off after `maxTokens`, which count reasoning too. */
export function cutChoice(choice: Choice, maxTokens: number): Choice {
  if (choiceTokens(choice) <= maxTokens) return choice
  const reasoningTokens = Math.min(choice.reasoningTokens, maxTokens)
  return { pieces: choice.pieces.slice(0, maxTokens - reasoningTokens), reasoningTokens, finish: 'length' }
}
