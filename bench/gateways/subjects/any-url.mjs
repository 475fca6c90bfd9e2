// Whatever listens at the URL that was given. Its user has set it up to use the mock provider's port.
import { anyGateway } from '../../overspend/subjects/any-gateway.mjs'

/** The gateway at `--base-url`. Its keys after the first are used up by the overspend program, one by one. */
export function anyUrl({ baseUrl, keys, model, limitUsd, name, pid }) {
  const base = baseUrl.replace(/\/(v1\/?)?$/, '')
  const limitNano = Math.round(limitUsd * 1e9)
  const isLimited = limitNano > 0 && keys.length > 1
  const money = () => anyGateway({ baseUrl: base, keys: keys.slice(1), model, limitNano })
  const start = async () => ({
    url: `${base}/v1/chat/completions`,
    headers: { authorization: `Bearer ${keys[0]}` },
    model,
    pid,
    restMs: 1000,
    ...(isLimited && { money }),
    stop: async () => {},
  })
  return { id: 'given', name: name ?? base, start }
}
