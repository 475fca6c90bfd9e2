// What is compared: the same paced answer, taken directly, through a bare proxy, and through Weir in three ways.
import { startWeir } from '../../test/support/weir-server.mjs'
import { makeOrganisation } from '../levels/organisation.mjs'
import { startChild } from './child.mjs'

const MUCH_USD = 1_000_000
const content = 'Say hello. '.repeat(16)
const asked = { model: 'openai/gpt-4o-mini', max_tokens: 256, stream: true, messages: [{ role: 'user', content }] }
const plain = JSON.stringify(asked)
const withUsage = JSON.stringify({ ...asked, stream_options: { include_usage: true } })

// A budget on the key, its team and its customer; all that `npm start` has is on.
async function makeKey(admin) {
  const levels = { customerUsd: MUCH_USD, teamsUsd: [MUCH_USD], keys: 1, keyUsd: () => MUCH_USD }
  const { keys } = await makeOrganisation(admin, levels)
  return keys[0].value
}

function subjectsOf({ upstream, bare, weir, key }) {
  const authorization = `Bearer ${key}`
  const chat = `${weir}/v1/chat/completions`
  return {
    upstream: { url: `${upstream}/chat/completions`, headers: {}, body: withUsage },
    bare: { url: `${bare}/v1/chat/completions`, headers: { authorization: 'Bearer none' }, body: withUsage },
    weir: { url: chat, headers: { authorization }, body: withUsage },
    'weir, usage left out': { url: chat, headers: { authorization }, body: plain },
    'weir, translated': { url: `${weir}/v1/messages`, headers: { authorization }, body: plain },
  }
}

/** Starts all of them. */
export async function startSubjects() {
  const upstream = await startChild('paced-upstream.mjs')
  const upstreamUrl = `http://127.0.0.1:${upstream.said}/v1`
  const bare = await startChild('bare-proxy.mjs', upstreamUrl)
  const weir = await startWeir({ upstreamUrl })
  const stop = async () => {
    await weir.dispose()
    bare.stop()
    upstream.stop()
  }
  try {
    const key = await makeKey(weir.admin)
    const addresses = { upstream: upstreamUrl, bare: `http://127.0.0.1:${bare.said}`, weir: weir.baseUrl }
    return { subjects: subjectsOf({ ...addresses, key }), weir, stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}
