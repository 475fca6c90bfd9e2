import { parseLossless } from '../contracts/lossless-json.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { ChatAnswer, ChatAsk, ChatDelta } from '../formats/chat.ts'
import type { Codec, Json } from '../formats/codec.ts'
import { codecOf } from '../formats/codecs.ts'
import type { Ask } from './ask.ts'
import type { Call } from './call.ts'
import type { Route } from './routing/route-to.ts'
import { tellsFailure } from './tells-failure.ts'

const BAD_GATEWAY = 502

/** What a translated answer says of itself where its vendor tells nothing: some wires have no id, model or time. */
type Identity = { id: string; model: string; createdMs: number }

/** What it takes to carry a request over from the caller's format to the provider's, and its answer back. `bytes`: the request's. */
export type Translation = { ask: ChatAsk; request: Json; bytes: number; from: Codec; to: Codec; identity: Identity }

function bytesOf(request: Json): number {
  try {
    return new TextEncoder().encode(JSON.stringify(request)).length
  } catch (cause) {
    throw new GatewayError('request_invalid', 'The body is nested too deeply to be passed on.', { cause })
  }
}

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
  return { ask: decoded, request, bytes: bytesOf(request), from, to, identity }
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

/**
 * A whole answer in the caller's words, or a failure in them, with its status. A failure that was told with a 200 has its own,
 * or 502. Throws `provider_unreadable` for a success that nobody can read.
 */
export function translatedAnswer(
  { ask, from, to, identity }: Translation,
  answer: { status: number; body: ArrayBuffer },
): { status: number; body: Json } {
  const body = parsed(answer.body)
  const isOk = answer.status >= 200 && answer.status <= 299
  if (isOk && !tellsFailure(body)) {
    const told = decoded(to, body)
    if (told) return { status: answer.status, body: from.encodeAnswer(identified(told, identity), ask) }
    throw new GatewayError('provider_unreadable', 'The provider answered 200 with something that is no answer.')
  }
  const status = isOk ? BAD_GATEWAY : answer.status
  const unknown = { status, code: 'provider_error', message: 'The provider answered with an error.' }
  const told = to.decodeError(status, body) ?? unknown
  return { status: isOk ? told.status : answer.status, body: from.encodeError(told) }
}
