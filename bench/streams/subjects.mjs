// What is compared: the same paced answer, taken directly, through a bare proxy and a bare pump, and through Weir in three
// ways. `pid`: of the workerd whose time is counted.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

function subjectsOf({ upstreamUrl, bare, weir, key }) {
  const bareUrl = `http://127.0.0.1:${bare.port}`
  const none = { headers: { authorization: 'Bearer none' }, body: withUsage, pid: bare.pid }
  const pid = Number(readFileSync(join(weir.home, 'serve.lock', 'workerd'), 'utf8'))
  const own = { headers: { authorization: `Bearer ${key}` }, pid }
  const chat = `${weir.baseUrl}/v1/chat/completions`
  return {
    upstream: { ...none, url: `${upstreamUrl}/chat/completions`, pid: undefined },
    bare: { ...none, url: `${bareUrl}/v1/chat/completions` },
    'bare pump': { ...none, url: `${bareUrl}/pump/v1/chat/completions` },
    weir: { ...own, url: chat, body: withUsage },
    'weir, usage left out': { ...own, url: chat, body: plain },
    'weir, translated': { ...own, url: `${weir.baseUrl}/v1/messages`, body: plain },
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
    return { subjects: subjectsOf({ upstreamUrl, bare: bare.said, weir, key }), stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}
