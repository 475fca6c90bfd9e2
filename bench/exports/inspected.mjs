import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import workerd from 'workerd'
import { freePort } from '../../test/support/weir-server.mjs'

const ISOLATE = 'core:user:weir'
const EVERY_MS = 500
const MB = 1024 * 1024
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

// Miniflare starts whatever this is; the last option is the only one that it does not give itself.
function wrapperFor(port) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-inspected-'))
  const path = join(folder, 'workerd-inspected')
  writeFileSync(path, `#!/bin/sh\nexec '${workerd.default}' "$@" --inspector-addr=127.0.0.1:${port}\n`)
  chmodSync(path, 0o755)
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function open(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${ISOLATE}`)
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket)
    socket.onerror = () => reject(new Error('the inspector does not answer'))
  })
}

function ask(socket, id, { method, params = {} }) {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the isolate is gone'))
    const onMessage = ({ data }) => {
      const answer = JSON.parse(data)
      if (answer.id !== id) return
      socket.removeEventListener('message', onMessage)
      socket.removeEventListener('close', onClose)
      resolve(answer.result)
    }
    socket.addEventListener('message', onMessage)
    socket.addEventListener('close', onClose)
    socket.send(JSON.stringify({ id, method, params }))
  })
}

async function session(port) {
  const socket = await open(port)
  let asked = 0
  const call = (method, params) => ask(socket, ++asked, { method, params })
  return { socket, call, close: () => socket.close() }
}

async function contextOf({ socket, call }) {
  const known = new Promise(resolve => {
    socket.addEventListener('message', ({ data }) => {
      const { method, params } = JSON.parse(data)
      if (method === 'Runtime.executionContextCreated') resolve(params.context.id)
    })
  })
  await call('Runtime.enable')
  return known
}

// What is reachable: the script's own objects, and the bytes of its buffers, which are outside of the heap.
async function heldMb({ call }) {
  await call('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await call('Runtime.getHeapUsage')
  return { heapMb: usedSize / MB, buffersMb: backingStorageSize / MB }
}

async function lookUntil(port, stop, samples) {
  let inspector
  while (!stop.isAsked) {
    try {
      inspector ??= await session(port)
      samples.push(await heldMb(inspector))
    } catch {
      // Killed on purpose, and not there again yet.
      inspector = undefined
    }
    await pause(EVERY_MS)
  }
  inspector?.close()
}

/** The variables of a Weir whose isolates have at most `heapMb` of heap, and what is seen of the one that Weir runs in. */
export async function inspectedWorkerd(heapMb) {
  const port = await freePort()
  const { path, remove } = wrapperFor(port)
  return {
    env: { MINIFLARE_WORKERD_PATH: path, MINIFLARE_WORKERD_V8_FLAGS: `--max-heap-size=${heapMb}` },
    remove,
    /** Collects garbage and looks at what is left, twice a second. */
    watch() {
      const samples = []
      const stop = { isAsked: false }
      const done = lookUntil(port, stop, samples)
      const end = async () => {
        stop.isAsked = true
        await done
        return samples
      }
      return { end }
    },
    /** Keeps so many rows of 300 bytes in the isolate. Whether it lives on. */
    async hold(rows) {
      const inspector = await session(port)
      const contextId = await contextOf(inspector)
      const expression = `globalThis.held = []; for (let n = 0; n < ${rows}; n++) held.push(JSON.stringify(['x'.repeat(280), n])); held.length`
      return inspector.call('Runtime.evaluate', { contextId, expression, returnByValue: true }).then(
        answer => answer?.result?.value === rows,
        () => false,
      )
    },
  }
}
