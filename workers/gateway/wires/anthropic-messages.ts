import { MessagesRequest } from '../../contracts/messages-request.ts'
import { renderAnthropic } from '../../errors/render-anthropic.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refuseUnbounded, refuseUnpriced } from './refuse-unpriced.ts'
import { type BoundedTool, toolBounds } from './tool-bounds.ts'
import type { Incoming, Wire } from './wire.ts'

/** Billed by the hour that its machine runs, which nothing tells. Source: Anthropic pricing, server-side tools. */
const UNPRICED_TOOL = /^code_execution_/
/** Run by Anthropic: a search is billed, and what either finds is read as input. Source: as above. */
const FINDING_TOOL = /^(web_search|web_fetch)_/
/** Blocks that hold nothing but text, as far as tokens go. */
const TEXT_BLOCKS = new Set(['text', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking'])

function refuseBilled(request: MessagesRequest): void {
  const billed = request.tools?.find(tool => UNPRICED_TOOL.test(tool.type ?? ''))
  if (billed) refuseUnpriced('tools', `"${billed.type}" is billed by use, and has no price here yet. Remove it.`)
  if (request.speed === 'fast') refuseUnpriced('speed', '"fast" has no price here yet. Leave it out.')
  if (request.inference_geo === 'us') refuseUnpriced('inference_geo', '"us" has no price here yet. Leave it out.')
}

function boundedTools({ tools }: MessagesRequest): BoundedTool[] {
  const finding = tools?.filter(tool => FINDING_TOOL.test(tool.type ?? '')) ?? []
  return finding.map(({ type, max_uses: uses }) => {
    if (uses == null) return refuseUnbounded(String(type), 'max_uses')
    return { uses, unit: type?.startsWith('web_search') ? 'web_searches' : undefined }
  })
}

type Block = { type?: unknown; content?: unknown }

function isText(block: Block): boolean {
  const inner = Array.isArray(block?.content) ? block.content : []
  return TEXT_BLOCKS.has(String(block?.type)) && inner.every(isText)
}

function hasMedia({ messages }: MessagesRequest): boolean {
  return messages.some(({ content }) => Array.isArray(content) && !content.every(isText))
}

function mayWrite1h(raw: Record<string, unknown>): boolean {
  return /"ttl":"1h"/.test(JSON.stringify(raw))
}

function read({ raw, bytes }: Incoming): Ask {
  const request = readFields(MessagesRequest, raw)
  refuseBilled(request)
  return {
    format: 'anthropic-messages',
    raw,
    bytes,
    model: request.model,
    isStream: request.stream === true,
    choices: 1,
    outputCap: request.max_tokens ?? undefined,
    beyondCap: 0,
    hasMedia: hasMedia(request),
    forwards: ['anthropic-beta', 'anthropic-version'],
    mayWrite1h: mayWrite1h(raw),
    serviceTier: request.service_tier ?? undefined,
    ...toolBounds(boundedTools(request)),
    keepsUsage: true,
  }
}

/** Anthropic's messages. Source: Anthropic API reference, Messages. */
export const anthropicMessagesWire: Wire = {
  format: 'anthropic-messages',
  read,
  renderError: renderAnthropic,
  endsWhole: tail => /"type": ?"message_stop"/.test(tail),
}
