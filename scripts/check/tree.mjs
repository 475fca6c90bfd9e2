import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PUBLIC_REGISTRY = 'registry.npmjs.org'
const HOMES = [/\/(?:home|Users)\/(?!runner\b|USER\b|you\b)[\w.-]+\//, /(?<![\w.])\/root\//]

// New files count too: what is not tracked yet will be.
function filesOf(root) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
}

function quoted(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

// A path of one segment, such as /app, is an ordinary word in source code.
function pathPattern(path) {
  return path.split('/').length > 2 ? [new RegExp(`(?<![\\w.-])${quoted(path)}(?![\\w-])`)] : []
}

function registryPattern() {
  const registry = process.env.npm_config_registry
  if (!registry || new URL(registry).host === PUBLIC_REGISTRY) return []
  return [new RegExp(quoted(new URL(registry).host))]
}

function tracesIn(name, text, patterns) {
  const found = patterns.flatMap(pattern => pattern.exec(text)?.[0] ?? [])
  const hosts = name === 'package-lock.json' ? foreignHosts(text) : []
  return [...found, ...hosts].map(trace => `${name} names ${trace}`)
}

function foreignHosts(lock) {
  const hosts = [...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(match => match[1])
  return [...new Set(hosts)].filter(host => host !== PUBLIC_REGISTRY)
}

// As git writes them, and as a formatter of Markdown makes of them.
const MERGE_MARKS = [/^<{7} .*/m, /^>{7} .*/m, /^(?:> ){7}.*/m]

/** What a merge has left undecided. */
export function findMergeMarks(root) {
  return filesOf(root).flatMap(name => {
    const text = readFileSync(join(root, name), 'utf8')
    return MERGE_MARKS.flatMap(pattern => pattern.exec(text)?.[0] ?? []).map(mark => `${name} has ${mark}`)
  })
}

/** Paths and registry hosts of the machine that wrote a file: they work here and nowhere else. */
export function findMachineTraces(root) {
  const patterns = [...HOMES, ...pathPattern(root), ...pathPattern(homedir()), ...registryPattern()]
  return filesOf(root).flatMap(name => tracesIn(name, readFileSync(join(root, name), 'utf8'), patterns))
}
