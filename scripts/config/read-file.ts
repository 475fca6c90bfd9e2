import { readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { z } from 'zod'
import { ConfigFile } from './file-schema.ts'
import { flawOf, locate, type Place, type Places } from './locate.ts'
import { type Path, type Problem, pathText, Refusal } from './problem.ts'

/** Of more problems than these only the number is told. */
const MAX_TOLD = 50

/** A file that was read: what it says, and how what is wrong with it is told. */
export type ReadConfig = { config: ConfigFile; refuse(problems: Problem[]): never; tell(problem: Problem): string }

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Refusal(
      `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code}). Name another one with --file.`,
    )
  }
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

// V8 does not always say where.
function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    const { message } = thrown as SyntaxError
    const position = /at position (\d+)/.exec(message)?.[1]
    const { line, column } = position ? placeAt(text, Number(position)) : (flawOf(text) ?? placeAt(text, text.length))
    throw new Refusal(`${file}:${line}:${column}: not JSON: ${message.replace(/ (?:in JSON )?at position .*/, '')}`)
  }
}

async function evaluate(file: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(`${pathToFileURL(resolve(file)).href}?${Date.now()}`)
    if (module.default !== undefined) return module.default
  } catch (thrown) {
    throw new Refusal(`${file}: cannot be run: ${(thrown as Error).message}`)
  }
  throw new Refusal(`${file}: exports nothing by default. Write: export default defineConfig({ ... })`)
}

function keysProblem(issue: z.core.$ZodIssueUnrecognizedKeys): Problem[] {
  const path = issue.path
  return issue.keys.map(key => ({
    path: [...path, key],
    message: 'is not a field that there is here: see docs/weir.config.schema.json',
  }))
}

function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue): Problem[] =>
    issue.code === 'unrecognized_keys' ? keysProblem(issue) : [{ path: issue.path, message: issue.message }],
  )
}

function placesOf(text: string, file: string): Places {
  try {
    return locate(text, extname(file) === '.json' ? 'json' : 'ts')
  } catch {
    return { placeOf: () => ({ line: 1, column: 1 }), repeated: [] }
  }
}

function teller(file: string, places: Places) {
  const tell = ({ path, message }: Problem) => {
    const { line, column } = places.placeOf(path)
    return `${file}:${line}:${column}: ${[pathText(path), message].filter(Boolean).join(' ')}`
  }
  const refuse = (problems: Problem[]): never => {
    const order = (path: Path) => places.placeOf(path).line
    const sorted = problems.toSorted((a, b) => order(a.path) - order(b.path))
    const more = sorted.length > MAX_TOLD ? [`... and ${sorted.length - MAX_TOLD} more`] : []
    throw new Refusal([...sorted.slice(0, MAX_TOLD).map(tell), ...more].join('\n'))
  }
  return { tell, refuse }
}

/** Reads a configuration file, `.json` or `.ts`. Throws a `Refusal` that names the line of everything that is wrong with it. */
export async function readConfig(file: string): Promise<ReadConfig> {
  const text = textOf(file)
  const value = extname(file) === '.json' ? parseJson(text, file) : await evaluate(file)
  const places = placesOf(text, file)
  const told = teller(file, places)
  const parsed = ConfigFile.safeParse(value)
  const problems = [...places.repeated, ...(parsed.success ? [] : problemsOf(parsed.error))]
  if (problems.length > 0 || !parsed.success) return told.refuse(problems)
  return { config: parsed.data, ...told }
}
