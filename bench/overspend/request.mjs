// What the requests of the scenarios look like, and what one can cost at most.
import { billedNano } from '../../test/support/price.mjs'
import { countPrompt, words } from './words.mjs'

/** A size: the words of its prompt, and the most tokens that may come out. */
export function sizeFor(worstNano, promptWords = 24) {
  const inputNano = worstCase({ promptWords, maxTokens: 0 })
  return { promptWords, maxTokens: Math.max(1, Math.floor((worstNano - inputNano) / worstCase.outputNano)) }
}

/** A request's body. Its name is the first word of its prompt, since that is what every gateway passes on. */
export function bodyOf(name, { promptWords, maxTokens }, model) {
  const messages = [{ role: 'user', content: `${name}${words(promptWords - 1)}` }]
  return { model, messages, max_tokens: maxTokens }
}

/** What the provider would bill a size that uses its whole output, in nano-dollars. */
export function worstCase(size) {
  const { messages } = bodyOf('name', size, '')
  return billedNano([{ promptTokens: countPrompt(messages), completionTokens: size.maxTokens }])
}
worstCase.outputNano = billedNano([{ promptTokens: 0, completionTokens: 1 }])
