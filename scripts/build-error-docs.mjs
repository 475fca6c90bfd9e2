// Writes docs/errors.md from the catalogue; with --check only says whether it is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ERRORS } from '../workers/errors/catalogue.ts'

const file = resolve(import.meta.dirname, '../docs/errors.md')

const entry = ([code, { status, title, type, retry, hint }]) =>
  `## ${code}\n\n${title}. HTTP ${status}, \`type\` \`${type}\`, ${retry ? 'may be tried again' : 'not worth trying again'}.\n\n${hint}\n`

const text = `# Errors

Made from \`workers/errors/catalogue.ts\` by \`npm run error-docs\`. The code is public API: rows are added, never renamed.

On the data plane the code is \`error.code\` in OpenAI's error object, and \`x-should-retry\` says whether trying again can help
(a rate limit that resets far off says \`false\`). Under \`/api\` errors have Bifrost's body. Elsewhere they are RFC 9457
\`application/problem+json\`, whose \`type\` points here. Every answer carries \`x-request-id\`.

${Object.entries(ERRORS).map(entry).join('\n')}`

if (process.argv.includes('--check')) {
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text
  if (!isCurrent) console.error('docs/errors.md is not what the catalogue says: run npm run error-docs')
  process.exitCode = isCurrent ? 0 : 1
} else writeFileSync(file, text)
