// Weir with everything on, by workerd alone: the bundle that is deployed, no Node, and for D1, Queues and R2 the Workers with
// which Miniflare simulates them.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startWeir } from '../../../test/support/weir-server.mjs'
import { rawConfigOf } from './raw-config.mjs'
import { startProcess } from './start-process.mjs'
import { measuredWeir } from './weir.mjs'
import { makeLimitedKey } from './weir-key.mjs'
import { scratchDirectory, WORKERD } from './workerd.mjs'

// `npm start` makes the tenant, the key and the databases, and ends. What it was started with is kept.
async function prepare(scratch, upstreamUrl) {
  const file = join(scratch.path, 'miniflare.json')
  const made = await startWeir({ upstreamUrl, env: { MINIFLARE_WORKERD_CONFIG_DEBUG: file } })
  const key = await makeLimitedKey(made.admin)
  await made.stop()
  const config = rawConfigOf(JSON.parse(readFileSync(file, 'utf8')), new URL(made.baseUrl).port)
  rmSync(file)
  writeFileSync(join(scratch.path, 'config.bin'), config, { mode: 0o600 })
  return { made, key }
}

async function start({ upstreamUrl }) {
  const scratch = scratchDirectory('workerd')
  const { made, key } = await prepare(scratch, upstreamUrl)
  const { baseUrl, admin } = made
  const clean = () => made.dispose().finally(scratch.remove)
  const args = ['serve', '--binary', '--experimental', 'config.bin']
  try {
    const running = await startProcess(WORKERD, args, { readyUrl: `${baseUrl}/health`, cwd: scratch.path })
    return measuredWeir({ baseUrl, admin, key, pid: running.pid, stop: () => running.stop().finally(clean) })
  } catch (failure) {
    await clean()
    throw failure
  }
}

/** Weir on raw workerd. */
export const weirOnWorkerd = { id: 'weir-workerd', name: 'Weir on raw workerd', isOurs: true, start }
