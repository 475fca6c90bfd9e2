// Writes workers/core/pricing/pricebook.json from @pydantic/genai-prices (bundled data, no network) and data/*.json.
// `--check` writes nothing and exits 1 where the committed file differs.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { waitForUpdate } from '@pydantic/genai-prices'
import { schedule, unmeteredUnits } from './pricebook/convert-prices.mjs'
import { recognition } from './pricebook/convert-rule.mjs'
import { extended, extraEntries } from './pricebook/extra-prices.mjs'
import { limitsJoiner } from './pricebook/join-limits.mjs'
import { tieredEntries } from './pricebook/service-tiers.mjs'

const root = join(import.meta.dirname, '..')
const target = join(root, 'workers', 'core', 'pricing', 'pricebook.json')

function readJson(...path) {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'))
}

// The package exports no package.json, so it is found beside the module.
function packageVersion() {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version
}

/**
 * genai-prices has an empty price both for what is free and for what it does not know. Free is only what says so in its
 * name, or is said to be by the price comments of genai-prices. Anything else stays without a price, and is refused.
 */
const KNOWN_FREE = {
  'github-copilot': ['gpt-3.5-turbo', 'gpt-4.1', 'gpt-4o', 'gpt-4o-mini'],
  google: ['gemma-4-26b-a4b-it', 'gemma-4-31b-it'],
}
const FREE = [{ base: { input: 0, output: 0 }, tiers: [] }]

function isFree(providerId, model) {
  const isEmpty = !Array.isArray(model.prices) && Object.keys(model.prices).length === 0
  return isEmpty && (model.id.endsWith(':free') || Boolean(KNOWN_FREE[providerId]?.includes(model.id)))
}

function entryOf(providerId, model, limits) {
  const unmetered = unmeteredUnits(model.prices)
  const prices = isFree(providerId, model) ? FREE : schedule(model.prices)
  return { id: model.id, ...recognition(model), prices, ...(unmetered.length > 0 && { unmetered }), ...limits }
}

function convert(provider, { limits, extra, tiers }) {
  const limitsFor = limitsJoiner(limits, provider.id)
  // The order of models is kept: of several rules that match, the first one counts.
  const models = provider.models.map(model => {
    try {
      return entryOf(provider.id, model, limitsFor(model))
    } catch (cause) {
      throw new Error(`${provider.id}/${model.id}: ${cause.message}`, { cause })
    }
  })
  const all = [...extraEntries(extra, provider.id, models), ...extended(extra, provider.id, models)]
  return { fallback: provider.fallback_model_providers, models: tieredEntries(tiers, provider.id, all) }
}

function mockProvider({ meta, models }, tiers) {
  const names = Object.keys(models).sort()
  const entries = names.map(id => ({ id, prices: schedule(models[id]), ...meta.limits, media: false }))
  return { models: tieredEntries(tiers, 'mock', entries) }
}

async function providers() {
  const limits = readJson('data', 'model-limits.json')
  const extra = readJson('data', 'extra-prices.json')
  const tiers = readJson('data', 'service-tiers.json')
  const bundled = await waitForUpdate()
  const all = bundled.map(provider => [provider.id, convert(provider, { limits, extra, tiers })])
  all.push(['mock', mockProvider(readJson('data', 'mock-prices.json'), tiers)])
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function sources(version) {
  const { source, commit, licence } = readJson('data', 'model-limits.json').meta
  const prices = `@pydantic/genai-prices ${version} (https://github.com/pydantic/genai-prices)`
  return {
    prices: `${prices}; MIT, Copyright (c) Pydantic Services Inc. 2025 to present`,
    limits: `${source} at ${commit}; ${licence}`,
    extra: "data/extra-prices.json and data/service-tiers.json: vendors' own pages, named there",
  }
}

// One model a line, so that a change of prices reads well in a diff.
function layOut({ version, sources, providers }) {
  const blocks = Object.entries(providers).map(([id, { fallback, models }]) => {
    const head = `${JSON.stringify(id)}:{${fallback ? `"fallback":${JSON.stringify(fallback)},` : ''}"models":[`
    return `${head}\n${models.map(model => JSON.stringify(model)).join(',\n')}\n]}`
  })
  const top = `{"version":${JSON.stringify(version)},\n"sources":${JSON.stringify(sources)},\n`
  return `${top}"providers":{\n${blocks.join(',\n')}\n}}\n`
}

async function pricebook() {
  const packageNumber = packageVersion()
  const content = await providers()
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12)
  const version = `genai-prices@${packageNumber}+${hash}`
  return { version, text: layOut({ version, sources: sources(packageNumber), providers: content }) }
}

function check({ version, text }) {
  const committed = existsSync(target) ? readFileSync(target, 'utf8') : ''
  if (committed === text) return console.log(`pricebook.json is current: ${version}`)
  console.error(
    `pricebook.json is not what its sources make (${version}): run \`npm run pricebook\` and commit the result.`,
  )
  process.exitCode = 1
}

const built = await pricebook()
if (process.argv.includes('--check')) check(built)
else {
  writeFileSync(target, built.text)
  console.log(`pricebook.json: ${built.version}, ${Math.round(built.text.length / 1024)} KB`)
}
