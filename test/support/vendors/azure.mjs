// Azure OpenAI: OpenAI's wires at Azure's addresses, with its header, and the results of its content filter. Source: Azure
// OpenAI in Foundry Models REST API reference; a recorded stream of its model router.
import { openaiChat } from './openai-chat.mjs'
import { openaiResponses } from './openai-responses.mjs'

const SAFE = { hate: { filtered: false, severity: 'safe' }, jailbreak: { filtered: false, detected: false } }
const PROMPT_RESULTS = [{ prompt_index: 0, content_filter_results: SAFE }]

const key = headers => (headers.authorization === undefined ? headers['api-key'] : undefined)

// By deployment, with a version of the API; or by the `model` of the body, without one.
const DATED = /^\/openai\/deployments\/([\w.-]+)\/chat\/completions\?api-version=20\d\d-\d\d-\d\d(?:-preview)?$/

function route(url) {
  if (url === '/openai/v1/chat/completions') return {}
  const [, deployment] = DATED.exec(url) ?? []
  return deployment && { model: deployment }
}

// What answers is a dated model, whatever the deployment is called.
const dated = call => ({ ...call, model: 'gpt-4o-mini-2024-07-18' })

function whole(call) {
  const answer = openaiChat.whole(dated(call))
  const choices = answer.choices.map(choice => ({ ...choice, content_filter_results: SAFE }))
  return { ...answer, choices, prompt_filter_results: PROMPT_RESULTS }
}

function* events(call) {
  const opening = { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: PROMPT_RESULTS }
  yield `data: ${JSON.stringify(opening)}\n\n`
  for (const event of openaiChat.events(dated(call))) {
    yield event.replace('"choices":[{', '"choices":[{"content_filter_results":{},')
  }
}

/** Azure's chat completions, as a scripted vendor speaks them. */
export const azureChat = { ...openaiChat, route, key, whole, events, headEvents: 2 }

/** Azure's responses. */
export const azureResponses = {
  ...openaiResponses,
  route: url => (/^\/openai\/(v1\/)?responses(\?api-version=[\w-]+)?$/.test(url) ? {} : undefined),
  key,
}
