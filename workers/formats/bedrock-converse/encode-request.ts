import type { ChatAsk, OutputShape } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeTools } from './encode-tools.ts'
import { familyOf, modelFields } from './model-fields.ts'

function refuseUnsaid({ choices, logprobs, sampling }: ChatAsk): void {
  if (choices !== 1) throw untranslatable('n', 'Bedrock gives one answer')
  if (logprobs) throw untranslatable('logprobs', 'Bedrock tells none')
  if (sampling.seed !== undefined) throw untranslatable('seed', 'Bedrock takes none')
  if (sampling.presencePenalty) throw untranslatable('presence_penalty', 'Bedrock takes none')
  if (sampling.frequencyPenalty) throw untranslatable('frequency_penalty', 'Bedrock takes none')
  if (Object.keys(sampling.logitBias ?? {}).length > 0) throw untranslatable('logit_bias', 'Bedrock takes none')
}

const TIERS: Record<string, string | undefined> = {
  auto: undefined,
  standard_only: 'default',
  default: 'default',
  flex: 'flex',
  priority: 'priority',
  reserved: 'reserved',
}

function serviceTier(tier: string | undefined): Json | undefined {
  if (tier === undefined) return undefined
  if (!Object.hasOwn(TIERS, tier)) throw untranslatable('service_tier', `Bedrock has no tier "${tier}"`)
  const type = TIERS[tier]
  return type === undefined ? undefined : { type }
}

function textFormat(output: OutputShape | undefined): Json | undefined {
  if (output === undefined || output.kind === 'text') return undefined
  if (output.kind === 'json') throw untranslatable('response_format', 'Bedrock needs a JSON schema to answer in JSON')
  const { name, description, schema } = output
  return { type: 'json_schema', structure: { jsonSchema: { name, description, schema: JSON.stringify(schema) } } }
}

function inferenceConfig({ maxOutputTokens: maxTokens, sampling }: ChatAsk): Json {
  return { maxTokens, temperature: sampling.temperature, topP: sampling.topP, stopSequences: sampling.stop }
}

/** Which stop sequence ended an answer is told only where it is asked for, and by Anthropic's models. */
function extraFieldPaths({ model, sampling, isStream }: ChatAsk): string[] | undefined {
  if (!sampling.stop?.length || familyOf(model) !== 'anthropic') return undefined
  return [isStream ? '/delta/stop_sequence' : '/stop_sequence']
}

/** The object, without the members that say nothing; `undefined` where nothing is left. */
function unlessEmpty(fields: Json): Json | undefined {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined)
  return said.length > 0 ? Object.fromEntries(said) : undefined
}

/**
 * The body of Converse and of ConverseStream, which are the same: the model and whether to stream are in the path. Throws
 * `untranslatable`.
 */
export function encodeRequest(ask: ChatAsk): Json {
  refuseUnsaid(ask)
  const { system, messages } = encodeMessages(ask)
  const { own, effort } = modelFields(ask)
  const body = {
    messages,
    system: system.length > 0 ? system : undefined,
    inferenceConfig: unlessEmpty(inferenceConfig(ask)),
    toolConfig: encodeTools(ask),
    outputConfig: unlessEmpty({ textFormat: textFormat(ask.output), effort }),
    additionalModelRequestFields: unlessEmpty(own),
    additionalModelResponseFieldPaths: extraFieldPaths(ask),
    serviceTier: serviceTier(ask.serviceTier),
    requestMetadata: ask.metadata && unlessEmpty(ask.metadata),
  }
  return unlessEmpty(body) ?? {}
}
