declare namespace Cloudflare {
  /** What vitest.config.ts adds to the bindings of wrangler.toml. */
  interface Env {
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

/** As much of it as the tests use: it brings no types. */
declare module 'papaparse' {
  const Papa: {
    parse<T>(
      text: string,
      options: { header?: true; skipEmptyLines: boolean; delimiter?: string; newline?: string },
    ): { data: T[]; errors: unknown[] }
  }
  export = Papa
}
