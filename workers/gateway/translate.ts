import { parseLossless } from '../contracts/lossless-json.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { ChatAsk } from '../formats/chat.ts'
import type { Codec, Json } from '../formats/codec.ts'
import { codecOf } from '../formats/codecs.ts'
import type { Ask } from './ask.ts'
import type { Route } from './choose-route.ts'

/** What it takes to carry a request over from the caller's format to the provider's, and its answer back. */
export type Translation = { ask: ChatAsk; from: Codec; to: Codec }

/** The translation that a route needs; `undefined` where both speak the same. Throws `untranslatable`, naming the field. */
export function translationOf(ask: Ask, route: Route): Translation | undefined {
  if (ask.format === route.format) return undefined
  const [from, to] = [codecOf(ask.format), codecOf(route.format)]
  const decoded = from.decodeRequest(ask.raw, { model: ask.model, isStream: ask.isStream })
  return { ask: { ...decoded, model: route.model, wantsStreamUsage: true }, from, to }
}

/** The request in the provider's words. */
export function translatedRequest({ ask, to }: Translation): Json {
  return to.encodeRequest(ask)
}

function parsed(body: ArrayBuffer): unknown {
  try {
    return parseLossless(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

/** A whole answer in the caller's words, or a failure in them. A success that cannot be read is a failure. */
export function translatedAnswer(translation: Translation, answer: { status: number; body: ArrayBuffer }): Json {
  const { ask, from, to } = translation
  const body = parsed(answer.body)
  const isGood = answer.status >= 200 && answer.status <= 299
  if (isGood && typeof body === 'object' && body !== null) return from.encodeAnswer(to.decodeAnswer(body as Json), ask)
  if (isGood) throw new GatewayError('provider_unreachable', 'The provider answered with something that is no JSON.')
  const told = to.decodeError(answer.status, body)
  const unknown = { status: answer.status, code: 'provider_error', message: 'The provider answered with an error.' }
  return from.encodeError(told ?? unknown)
}
