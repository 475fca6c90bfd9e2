import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig, defineProject } from 'vitest/config'
import { unstable_readConfig } from 'wrangler'

const { vars } = unstable_readConfig({ config: './wrangler.toml' })

/** Those inside workerd compute: as many as there are cores. */
const COMPUTING = 2
/** Those against a server of their own wait more than they work. More would end sooner than the others do, and some of them mind time. */
const WAITING = 3

/**
 * What minds what others leave behind: objects that are evicted and whose clock is moved, tenants on another database, and rows of
 * all tenants, as the cron finds them.
 */
const ALONE = ['durable-objects', 'shards', 'accounting', 'control'].map(folder => `test/${folder}/*.test.ts`)

/** Inside workerd, beside the Worker. The bindings are those of wrangler.toml; the secrets are the tests' own. */
const insideWorkerd = (test: { name: string; isolate: boolean; include: string[]; exclude?: string[] }) =>
  defineProject(async () => ({
    plugins: [
      cloudflareTest({
        remoteBindings: false,
        wrangler: { configPath: './wrangler.toml' },
        miniflare: {
          // Lets a test call the queue and scheduled handlers through `exports.default`.
          compatibilityFlags: ['service_binding_extra_handlers'],
          // For the suites that run on a second database: see test/shards/databases.ts.
          d1Databases: { DB_SHARD_1: 'weir-shard-1' },
          bindings: {
            // Again, since a developer's .dev.vars would override them.
            ...vars,
            TEST_MIGRATIONS: await readD1Migrations(join(import.meta.dirname, 'd1-migrations')),
            WEIR_SECRET: 'test-secret-test-secret-test-secret-0',
            WEIR_SETUP_TOKEN: 'test-setup-token',
            OPENAI_API_KEY: 'sk-upstream',
            OPENAI_BASE_URL: 'http://upstream.test/v1',
          },
          queueConsumers: {
            'weir-usage': { maxBatchTimeout: 0.05 },
            'weir-usage-dlq': { maxBatchTimeout: 0.05 },
          },
        },
      }),
    ],
    test: {
      ...test,
      maxWorkers: COMPUTING,
      // One project after the other in a run of both; scripts/test.mjs runs them beside each other.
      sequence: { groupOrder: 0 },
      // Long for one test, short beside others on a busy machine.
      testTimeout: 20_000,
      setupFiles: ['./test/setup.ts'],
    },
  }))

/** Files share a runtime one after the other, since starting one and loading the Worker takes longer than most files do. */
const workerd = insideWorkerd({
  name: 'workerd',
  isolate: false,
  include: ['test/**/*.test.ts'],
  exclude: ['test/e2e/**', 'test/chaos/**', ...ALONE],
})

/** Each file in a runtime of its own. */
const alone = insideWorkerd({
  name: 'workerd-alone',
  isolate: true,
  include: ALONE,
})

/** In Node, against a server that is really started, with the official client. */
const node = defineProject({
  test: {
    name: 'node',
    include: ['test/{e2e,chaos}/**/*.test.ts'],
    maxWorkers: WAITING,
    sequence: { groupOrder: 1 },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})

export default defineConfig({ test: { projects: [workerd, alone, node] } })
