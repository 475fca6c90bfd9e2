// Writes docs/weir.config.schema.json, by which editors know the fields of a configuration file. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigFile } from './config/file-schema.ts'

const file = resolve(import.meta.dirname, '../docs/weir.config.schema.json')
const schema = { ...z.toJSONSchema(ConfigFile, { io: 'input', reused: 'ref' }), title: 'A configuration file of Weir' }
const text = `${JSON.stringify(schema, null, 2)}\n`

if (process.argv.includes('--check')) {
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text
  if (!isCurrent)
    console.error('docs/weir.config.schema.json is not what the file schema says: run npm run config-schema')
  process.exitCode = isCurrent ? 0 : 1
} else writeFileSync(file, text)
