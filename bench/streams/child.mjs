import { fork } from 'node:child_process'
import { resolve } from 'node:path'

/** Starts a process of this folder; answers it with the first thing that it says. */
export function startChild(name, ...args) {
  const child = fork(resolve(import.meta.dirname, name), args)
  return new Promise((done, fail) => {
    child.once('exit', code => fail(new Error(`${name} has ended: ${code}`)))
    child.once('message', said => done({ said, stop: () => child.kill() }))
  })
}

/** The process that makes the load; `run` has it make one. */
export function startLoad() {
  const child = fork(resolve(import.meta.dirname, 'load.mjs'))
  const run = order =>
    new Promise((done, fail) => {
      child.once('message', ({ figures, failure }) => (figures ? done(figures) : fail(new Error(failure))))
      child.send(order)
    })
  return { run, stop: () => child.kill() }
}
