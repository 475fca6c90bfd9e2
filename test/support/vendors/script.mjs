// What a scripted vendor answers, in nobody's words. Its orders are in the text of the last user message, so that they
// survive a translation: "use the tool", "use both tools", "answer json", "look", "fail 429", "go slowly" ...

/** What a vendor has read of a request. `results` are those of tools that came after the last user's text. */
export const HEARD = {
  text: '',
  tools: [],
  results: [],
  images: [],
  schema: undefined,
  isForced: false,
  isStream: false,
}

/** How an answer may be sent, by the words that order it. */
const MANNERS = {
  'go slowly': 'slowly',
  'stall now': 'stalls',
  'talk garbage': 'garbage',
  'close early': 'closes',
  'fail with 200': 'fails-with-200',
  'lie about the type': 'lies',
  'never stop': 'floods',
  'say nothing': 'silent',
  'open only': 'opens',
  'open and close': 'opens-and-closes',
  'open and err': 'opens-and-errs',
}

/** Arguments of the first and the second call: text beyond ASCII, so that a cut may fall inside a character. */
const CALLED_WITH = [{ city: 'Zürich 🏔️' }, { city: 'São Paulo' }]
const JSON_ANSWER = { city: 'Zürich', degrees: 21.5 }

function callsOf({ text, tools, results, isForced }) {
  // Some clients ask for a structured answer by a tool that has to be called.
  if (isForced && results.length === 0 && text.includes('answer json')) return [{ name: tools[0], args: JSON_ANSWER }]
  if (tools.length === 0 || results.length > 0 || !/use (the tool|both tools)/.test(text)) return []
  const count = text.includes('both tools') ? 2 : 1
  return CALLED_WITH.slice(0, count).map((args, index) => ({ name: tools[index % tools.length], args }))
}

function textOf({ text, results, images, schema }) {
  if (results.length > 0) return `The tools said: ${results.join(' and ')}`
  if (text.includes('answer json')) return schema ? JSON.stringify(JSON_ANSWER) : 'No schema was asked for.'
  if (text.includes('look')) return `I see ${images.length}: ${images.join(', ')}`
  return `Grüezi 👋🏽, you said: ${text}`
}

/**
 * What to answer: an error, or text and calls, sent in a manner. `order`: what the test has told the vendor itself, beside what the
 * text says.
 */
export function planOf(heard, order = '') {
  const orders = `${heard.text} ${order}`
  const status = Number(/fail (\d{3})/.exec(orders)?.[1] ?? 200)
  const manner = Object.entries(MANNERS).find(([words]) => orders.includes(words))?.[1] ?? 'plain'
  const delayMs = Number(/wait (\d+)/.exec(order)?.[1] ?? 0)
  const retryAfter = /retry-after (\S+)/.exec(order)?.[1]
  const calls = callsOf(heard)
  return {
    status,
    manner,
    delayMs,
    retryAfter,
    calls,
    text: calls.length > 0 ? '' : textOf(heard),
    isStream: heard.isStream,
  }
}

/** Pieces of a text, cut between characters, at least one; `count` of them where there are so many. */
export function pieces(text, count = 5) {
  const all = [...text]
  const size = Math.max(1, Math.ceil(all.length / count))
  const starts = Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, index) => index * size)
  return starts.map(start => all.slice(start, start + size).join(''))
}

/** The tokens of an exchange: a quarter of the input was read from a cache, and the model thought for a while. */
export function countTokens(requestText, plan) {
  const input = 8 + Math.ceil(Buffer.byteLength(requestText) / 8)
  const spoken = plan.text + plan.calls.map(({ name, args }) => name + JSON.stringify(args)).join('')
  return { input, cached: Math.floor(input / 4), thought: 3, output: 3 + Math.ceil(Buffer.byteLength(spoken) / 4) }
}
