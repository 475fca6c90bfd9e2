declare namespace Cloudflare {
  /** What vitest.config.ts adds to the bindings of wrangler.toml. */
  interface Env {
    DB_SHARD_1: D1Database
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[]
    WEIR_SECRET: string
    WEIR_SETUP_TOKEN: string
    OPENAI_API_KEY: string
    OPENAI_BASE_URL: string
  }
}

/** Vite's, for tests that read the source. */
interface ImportMeta {
  glob<T>(pattern: string, options: { query: '?raw'; import: 'default'; eager: true }): Record<string, T>
  glob<T>(pattern: string, options: { eager: true }): Record<string, T>
}
