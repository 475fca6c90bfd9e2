import type { Choice, Piece } from './choice.ts'

function textFrom(pieces: Piece[], kind: 'text' | 'arguments'): string {
  return pieces.map(piece => (piece.kind === kind ? piece.text : '')).join('')
}

/** The id of a mock's tool call; `index` counts the calls of one message. */
export function toolCallId(index: number): string {
  return `call_mock_${index}`
}

function wholeCalls(pieces: Piece[]) {
  return pieces
    .filter(piece => piece.kind === 'call')
    .map(({ index, name }) => {
      const own = pieces.filter(piece => piece.kind === 'arguments' && piece.index === index)
      return { id: toolCallId(index), type: 'function', function: { name, arguments: textFrom(own, 'arguments') } }
    })
}

/** The `message` of a choice that is not streamed. */
export function wholeMessage({ pieces }: Choice) {
  const calls = wholeCalls(pieces)
  const head = { role: 'assistant', refusal: null, annotations: [] }
  if (calls.length > 0) return { ...head, content: null, tool_calls: calls }
  return { ...head, content: textFrom(pieces, 'text') }
}
