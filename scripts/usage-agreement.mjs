// `node scripts/usage-agreement.mjs FILE`: how many recorded usage bodies our readers read as a file says is right. The file
// has rows of { body, extracted: [{ extractors: [{ provider_id, api_flavor }], usage }] }, as genai-prices' test data has.
import { readFileSync } from 'node:fs'
import { readAnthropicUsage } from '../workers/providers/anthropic/read-usage.ts'
import { readGeminiUsage } from '../workers/providers/gemini/read-usage.ts'
import { readOpenaiUsage } from '../workers/providers/openai/read-usage.ts'
import { readResponsesUsage } from '../workers/providers/openai-responses/read-usage.ts'

const CHAT = ['openai', 'groq', 'mistral', 'deepseek', 'x-ai', 'together', 'fireworks', 'openrouter', 'cerebras']

/** The readers that are asked for an extractor of the file; none: Weir does not speak that wire there. */
function readerOf({ provider_id: provider, api_flavor: flavor }) {
  if (provider === 'anthropic') return flavor === 'chat' ? readOpenaiUsage : readAnthropicUsage
  if (provider === 'google' && flavor === 'default') return readGeminiUsage
  if (provider === 'openai' && flavor === 'responses') return readResponsesUsage
  if (CHAT.includes(provider) && ['chat', 'default'].includes(flavor)) return readOpenaiUsage
  return undefined
}

/** What the file calls a usage's fields, and what they are called here. */
const FIELDS = {
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  cache_read_tokens: 'cachedInputTokens',
  cache_write_tokens: 'cacheWriteTokens',
  input_audio_tokens: 'inputAudioTokens',
  output_audio_tokens: 'outputAudioTokens',
}

function differences(usage, right) {
  return Object.entries(FIELDS).flatMap(([theirs, ours]) => {
    const [read, want] = [usage?.[ours] ?? 0, right[theirs] ?? 0]
    return read === want ? [] : [`${theirs}: ${read}, right is ${want}`]
  })
}

const { rows } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
let [agree, differ, skipped] = [0, 0, 0]
for (const [number, { body, model, extracted }] of rows.entries()) {
  for (const { extractors, usage } of extracted) {
    for (const extractor of extractors) {
      const read = readerOf(extractor)
      if (!read) {
        skipped += 1
        continue
      }
      const wrong = differences(read(body), usage)
      if (wrong.length === 0) agree += 1
      else {
        differ += 1
        const { provider_id: provider, api_flavor: flavor } = extractor
        console.log(`row ${number} ${provider}/${flavor} ${model}: ${wrong.join('; ')}`)
      }
    }
  }
}
console.log(`${agree} agree, ${differ} differ, ${skipped} are of wires that Weir does not speak there`)
process.exit(differ === 0 ? 0 : 1)
