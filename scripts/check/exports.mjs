import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

// A re-export is documented where the thing is declared; `export type X = z.infer<typeof X>` under the schema X.
const DECLARATION =
  /^export (?:default )?(?:declare |abstract |async )*(?:function\*?|class|const|let|type|interface)\s+(\w+)/
const INFERRED = /^export type (\w+) = z\.(?:infer|output|input)<typeof \1>/

function sourcesUnder(dir) {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
}

function isDocumented(lines, index) {
  return lines[index - 1]?.trimEnd().endsWith('*/') ?? false
}

function undocumentedIn(text) {
  const lines = text.split('\n')
  const isBare = (line, index) => DECLARATION.test(line) && !INFERRED.test(line) && !isDocumented(lines, index)
  return lines.flatMap((line, index) =>
    isBare(line, index) ? [{ line: index + 1, name: DECLARATION.exec(line)[1] }] : [],
  )
}

/** Every exported declaration of the product needs a doc comment right above it. Answers those that have none. */
export function findUndocumentedExports(root) {
  const files = ['workers', 'durable-objects'].flatMap(dir => sourcesUnder(join(root, dir)))
  return files.flatMap(file =>
    undocumentedIn(readFileSync(file, 'utf8')).map(
      ({ line, name }) => `${relative(root, file)}:${line} exports ${name} without a sentence that says what it is`,
    ),
  )
}
