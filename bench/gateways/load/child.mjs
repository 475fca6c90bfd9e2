import { fork } from 'node:child_process'
import { resolve } from 'node:path'

function ask(child, message) {
  return new Promise((done, fail) => {
    const onExit = code => fail(new Error(`a process of the bench has ended: ${code}`))
    child.once('exit', onExit)
    child.once('message', said => {
      child.off('exit', onExit)
      done(said)
    })
    if (message) child.send(message)
  })
}

// Until it is gone its port is taken.
function end(child) {
  const exited = new Promise(done => child.once('exit', done))
  child.kill()
  return exited
}

/** Starts the mock provider, on a port of its own or on the one that is given. `billed` answers its bill by subject. */
export async function startProvider(port = 0) {
  const child = fork(resolve(import.meta.dirname, 'provider.mjs'), [String(port)])
  const said = await ask(child)
  const billed = async () => (await ask(child, 'billed')).billed
  return { url: `http://127.0.0.1:${said.port}/v1`, pid: child.pid, billed, stop: () => end(child) }
}

/** Starts the process that makes the load; `run` has it make one. */
export function startLoad() {
  const child = fork(resolve(import.meta.dirname, 'load.mjs'))
  const run = async order => {
    const { figures, failure } = await ask(child, order)
    if (failure) throw new Error(failure)
    return figures
  }
  return { run, stop: () => end(child) }
}
