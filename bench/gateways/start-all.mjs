import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BENCH } from './install.mjs'
import { Unavailable } from './subjects/unavailable.mjs'

function versionOf({ package: name, id }) {
  if (name) return JSON.parse(readFileSync(join(BENCH, 'node_modules', name, 'package.json'), 'utf8')).version
  if (id === 'litellm') return /==(.+)/.exec(readFileSync(join(BENCH, 'requirements.txt'), 'utf8'))?.[1]
  return undefined
}

/** Starts a subject; one that cannot be had here says why. */
async function startOne(subject, { upstreamUrl, settings }) {
  console.error(`Starting ${subject.name} ...`)
  try {
    const running = await subject.start({ upstreamUrl, settings })
    return { ...subject, running, version: versionOf(subject) }
  } catch (failure) {
    if (!(failure instanceof Unavailable)) throw failure
    return { ...subject, reason: failure.message }
  }
}

/** Starts the subjects one after the other. What has been started is stopped where one fails. */
export async function startAll(subjects, setting) {
  const started = []
  try {
    for (const subject of subjects) started.push(await startOne(subject, setting))
    return started
  } catch (failure) {
    await stopAll(started)
    throw failure
  }
}

/** Stops those that run. */
export async function stopAll(subjects) {
  for (const { running } of subjects) await running?.stop()
}
