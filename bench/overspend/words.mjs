// Text whose tokens can be counted: common English words, each one token in OpenAI's vocabularies.
const WORDS =
  'the river runs down from the hills and past the old town where people sell bread fish and fruit to all who come by boat'.split(
    ' ',
  )

// Two bytes a token: as short as code, numbers and many scripts make them.
const LETTERS = 'a b c d e f g h i j k l m n o p q r s t u v w x y z'.split(' ')

/** `count` words, each with the space before it, from the `from`-th word on. */
export function words(count, { from = 0, isDense = false } = {}) {
  const list = isDense ? LETTERS : WORDS
  let text = ''
  for (let index = from; index < from + count; index++) text += ` ${list[index % list.length]}`
  return text
}

/** How many tokens the counting upstream takes a chat's messages for: one a word, and what the wire adds. */
export function countPrompt(messages) {
  const texts = messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content ?? '')))
  const inTexts = texts.reduce((total, text) => total + text.split(/\s+/).filter(Boolean).length, 0)
  return inTexts + 4 * messages.length + 3
}
