// `node scripts/usage-agreement.mjs FILE`: how many recorded usage bodies our readers read as a file says is right. The file
// has rows of { body, extracted: [{ extractors: [{ provider_id, api_flavor }], usage }] }, as genai-prices' test data has.
// A difference that has a name is printed with it and counted as explained; any other fails.
import { readFileSync } from 'node:fs'
import { readAnthropicUsage } from '../workers/providers/anthropic/read-usage.ts'
import { readBedrockUsage } from '../workers/providers/bedrock/read-usage.ts'
import { readCohereUsage } from '../workers/providers/cohere/read-usage.ts'
import { readGeminiUsage } from '../workers/providers/gemini/read-usage.ts'
import { readOpenaiUsage } from '../workers/providers/openai/read-usage.ts'
import { readResponsesUsage } from '../workers/providers/openai-responses/read-usage.ts'
import { explain } from './usage-agreement/explain.mjs'

const CHAT = [
  'openai',
  'groq',
  'mistral',
  'deepseek',
  'x-ai',
  'together',
  'fireworks',
  'openrouter',
  'cerebras',
  'perplexity',
]

const OTHERS = {
  'anthropic/chat': readOpenaiUsage,
  'anthropic/default': readAnthropicUsage,
  'google/default': readGeminiUsage,
  'openai/responses': readResponsesUsage,
  'aws/default': readBedrockUsage,
  'cohere/default': readCohereUsage,
}

/** The reader that is asked for an extractor of the file; none: Weir does not speak that wire there. */
function readerOf({ provider_id: provider, api_flavor: flavor }) {
  const isChat = CHAT.includes(provider) && ['chat', 'default'].includes(flavor)
  return OTHERS[`${provider}/${flavor}`] ?? (isChat ? readOpenaiUsage : undefined)
}

/** What the file calls a usage's fields, and where they are here. */
const FIELDS = {
  input_tokens: usage => usage.inputTokens,
  output_tokens: usage => usage.outputTokens,
  cache_read_tokens: usage => usage.cachedInputTokens,
  cache_write_tokens: usage => usage.cacheWriteTokens,
  input_audio_tokens: usage => usage.inputAudioTokens,
  output_audio_tokens: usage => usage.outputAudioTokens,
  output_reasoning_tokens: usage => usage.reasoningTokens,
  input_image_tokens: usage => usage.inputImageTokens,
  input_video_tokens: usage => usage.inputVideoTokens,
  web_searches: usage => usage.units?.web_searches,
}

function differences(usage, right) {
  return Object.entries(FIELDS).flatMap(([field, ours]) => {
    const [read, want] = [(usage && ours(usage)) ?? 0, right[field] ?? 0]
    return read === want ? [] : [{ field, read, want }]
  })
}

/** Every body with every extractor of the file that we have a reader for: what differs, and why, where it is known. */
function* comparisons(rows) {
  for (const [row, { body, model, extracted }] of rows.entries()) {
    for (const { extractors, usage } of extracted) {
      for (const extractor of extractors) {
        const read = readerOf(extractor)
        const wrong = read ? differences(read(body), usage) : []
        const why = wrong.map(difference => explain({ ...difference, extractor, body, extracted }))
        yield { row, model, extractor, isRead: read !== undefined, wrong, why }
      }
    }
  }
}

function verdict({ isRead, wrong, why }) {
  if (!isRead) return 'skipped'
  if (wrong.length === 0) return 'agree'
  return why.every(reason => reason !== undefined) ? 'explained' : 'differ'
}

const { rows } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const counts = { agree: 0, explained: 0, differ: 0, skipped: 0 }
for (const one of comparisons(rows)) {
  const found = verdict(one)
  counts[found] += 1
  if (found === 'agree' || found === 'skipped') continue
  const { provider_id: provider, api_flavor: flavor } = one.extractor
  const told = one.wrong.map(({ field, read, want }, place) => {
    return `${field} ${read}, the file has ${want} (${one.why[place] ?? 'NOT EXPLAINED'})`
  })
  console.log(`row ${one.row} ${provider}/${flavor} ${one.model}: ${told.join('; ')}`)
}
const { agree, explained, differ, skipped } = counts
console.log(
  `${agree} agree, ${explained} are explained, ${differ} differ, ${skipped} are of wires that Weir does not speak there`,
)
process.exit(differ === 0 ? 0 : 1)
