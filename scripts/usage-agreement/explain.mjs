// Why one of our readers reads another count than an extractor of genai-prices, where that is on purpose.

/** Who made a body, by marks that only its answers have; `undefined` where it could be anybody's. */
function makerOf({ usage, model }) {
  if (usage?.cost !== undefined && usage.is_byok !== undefined) return 'openrouter'
  if (usage?.queue_time !== undefined || usage?.total_time !== undefined) return 'groq'
  if (/^(gpt-|o\d)/.test(model ?? '')) return 'openai'
  return undefined
}

function usageBy(provider, extracted) {
  return extracted.find(({ extractors }) => extractors.some(({ provider_id }) => provider_id === provider))?.usage
}

/**
 * The reason for a difference in one field, by name; `undefined` where there is none, and somebody has to look. The file tries
 * every vendor's extractor on every body: another vendor's leaves out what that vendor does not bill, or adds what it counts
 * elsewhere (xAI's adds the reasoning, which OpenAI and Groq have inside).
 */
export function explain({ field, read, extractor, body, extracted }) {
  const maker = makerOf(body)
  if (maker === undefined || maker === extractor.provider_id) return undefined
  const own = usageBy(maker, extracted)
  const isAsMakerSays = own !== undefined && (own[field] ?? 0) === read
  return isAsMakerSays ? `the body is of ${maker}, whose own extractor reads as we do` : undefined
}
