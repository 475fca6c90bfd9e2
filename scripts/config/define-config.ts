import type { ConfigFile } from './file-schema.ts'

/** A configuration in TypeScript: `export default defineConfig({ ... })`, so that editors know its fields. Changes nothing. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config
}
