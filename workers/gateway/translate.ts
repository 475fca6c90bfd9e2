import { parseLossless } from '../contracts/lossless-json.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { ChatAnswer, ChatAsk, ChatDelta } from '../formats/chat.ts'
import type { Codec, Json } from '../formats/codec.ts'
import { codecOf } from '../formats/codecs.ts'
import type { Ask } from './ask.ts'
import type { Call } from './call.ts'
import type { Route } from './choose-route.ts'

/** What a translated answer says of itself where its vendor tells nothing: some wires have no id, model or time. */
type Identity = { id: string; model: string; createdMs: number }

/** What it takes to carry a request over from the caller's format to the provider's, and its answer back. */
export type Translation = { ask: ChatAsk; request: Json; from: Codec; to: Codec; identity: Identity }

/**
 * The translation that a route needs; `undefined` where both speak the same. Throws `untranslatable`, naming the field,
 * before anything is held.
 */
export function translationOf(ask: Ask, route: Route, call: Call): Translation | undefined {
  if (ask.format === route.format) return undefined
  const [from, to] = [codecOf(ask.format), codecOf(route.format)]
  const decoded = from.decodeRequest(ask.raw, { model: ask.model, isStream: ask.isStream })
  const request = to.encodeRequest({ ...decoded, model: route.model, wantsStreamUsage: true })
  const identity = { id: call.id, model: `${route.provider.name}/${route.model}`, createdMs: call.startMs }
  return { ask: decoded, request, from, to, identity }
}

function identified<T extends Identity>(told: T, { id, model, createdMs }: Identity): T {
  return { ...told, id: told.id || id, model: told.model || model, createdMs: told.createdMs || createdMs }
}

/** A step of a stream, with what its vendor does not tell. */
export function identifiedDelta(delta: ChatDelta, { identity }: Translation): ChatDelta {
  return delta.kind === 'start' ? identified(delta, identity) : delta
}

function parsed(body: ArrayBuffer): unknown {
  try {
    return parseLossless(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

function decoded(to: Codec, body: unknown): ChatAnswer | undefined {
  try {
    return typeof body === 'object' && body !== null ? to.decodeAnswer(body as Json) : undefined
  } catch {
    return undefined
  }
}

/** A whole answer in the caller's words, or a failure in them. Throws `provider_unreadable` for a success that nobody can read. */
export function translatedAnswer(translation: Translation, answer: { status: number; body: ArrayBuffer }): Json {
  const { ask, from, to, identity } = translation
  const body = parsed(answer.body)
  if (answer.status >= 200 && answer.status <= 299) {
    const told = decoded(to, body)
    if (told) return from.encodeAnswer(identified(told, identity), ask)
    throw new GatewayError('provider_unreadable', 'The provider answered 200 with something that is no answer.')
  }
  const told = to.decodeError(answer.status, body)
  const unknown = { status: answer.status, code: 'provider_error', message: 'The provider answered with an error.' }
  return from.encodeError(told ?? unknown)
}
