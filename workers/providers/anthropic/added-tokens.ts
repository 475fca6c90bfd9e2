import { asRecord } from '../../formats/as-record.ts'
import { recordsOf, textOf } from '../../formats/read-sent.ts'

/**
 * The prompt that Anthropic puts before tools, in tokens; the longer one of those for the kinds of `tool_choice`, and the
 * longest where tables differ. Sources: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview (pricing), and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html.
 */
const TOOL_PROMPTS = new Map([
  ['opus-5', 406],
  ['opus-4-8', 410],
  ['opus-4-7', 804],
  ['opus-4-6', 589],
  ['opus-4-5', 588],
  ['opus-4-1', 346],
  ['opus-4', 346],
  ['sonnet-5', 474],
  ['sonnet-4-6', 589],
  ['sonnet-4-5', 588],
  ['sonnet-4', 346],
  ['haiku-4-5', 588],
  ['3-7-sonnet', 346],
  ['3-5-sonnet', 346],
  ['3-5-haiku', 355],
  ['3-opus', 530],
  ['3-sonnet', 235],
  ['3-haiku', 340],
])

/** Where nobody tells how long a prompt is: more than any that is told. */
export const UNTOLD_PROMPT = 1024

/**
 * What a tool that Anthropic describes by itself adds, by how its type begins. Sources, in Anthropic's documentation: the bash,
 * text editor and computer use tools (the last with its own prompt); no number is told of memory.
 */
const DESCRIBED_TOOLS: [string, number][] = [
  ['bash_', 245],
  ['text_editor_', 700],
  ['computer_', 735 + 499],
  ['memory_', UNTOLD_PROMPT],
]

/** A model without its maker, version and date, such as `haiku-4-5`. */
const FAMILY = /claude-(.+?)(?=-20\d{6}|-v\d|-latest|[@:]|$)/

/** The prompt before tools, of a model by any vendor's name for it. */
export function toolPromptTokens(model: string): number {
  return TOOL_PROMPTS.get(FAMILY.exec(model.toLowerCase())?.[1] ?? '') ?? UNTOLD_PROMPT
}

// Tools that run at Anthropic's bring in what no request tells the length of.
function describedTokens({ type }: Record<string, unknown>): number {
  const kind = textOf(type)
  if (kind === '' || kind === 'custom') return 0
  return DESCRIBED_TOOLS.find(([start]) => kind.startsWith(start))?.[1] ?? Number.POSITIVE_INFINITY
}

// What is nested too deeply to be written is refused when the request is prepared.
function writtenBytes(shape: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(shape)).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** An answer's schema is explained in a prompt that is nowhere told; it may have the schema inside once more. */
export function shapePromptTokens(shape: unknown): number {
  return shape == null ? 0 : UNTOLD_PROMPT + writtenBytes(shape)
}

/** What Anthropic adds to the input of a request: prompts for its tools and for the shape of its answer. */
export function anthropicAddedTokens(body: Record<string, unknown>, model: string): number {
  const tools = recordsOf(body.tools)
  const shape = shapePromptTokens(asRecord(body.output_config).format ?? body.output_format)
  if (body.mcp_servers != null) return Number.POSITIVE_INFINITY
  if (tools.length === 0) return shape
  return tools.reduce((sum, tool) => sum + describedTokens(tool), shape + toolPromptTokens(model))
}
