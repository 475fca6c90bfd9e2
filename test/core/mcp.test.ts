import fc from 'fast-check'
import { describe, it } from 'vitest'
import { decideTool, type McpFilter } from '../../workers/core/mcp/decide-tool.ts'
import type { McpClient } from '../../workers/core/mcp/mcp-client.ts'
import { readToolName } from '../../workers/core/mcp/tool-name.ts'

const NAMES = ['files', 'web', 'other']
const TOOLS = ['read', 'write', 'a-b']
const toolList = fc.oneof(fc.constant<string[]>(['*']), fc.subarray<string>(TOOLS))

function clientOf(name: string, lists: { tools: string[]; keyTools: string[] } | null): McpClient {
  if (!lists) return { name }
  return { name, server: { id: name, url: '', transport: 'http', headers: [], timeoutMs: null, ...lists } }
}

const given = fc.record({
  lists: fc.record({
    files: fc.option(fc.record({ tools: toolList, keyTools: toolList })),
    web: fc.option(fc.record({ tools: toolList, keyTools: toolList })),
  }),
  clients: fc.option(fc.subarray(['files', 'WEB', '*', 'none']), { nil: undefined }),
  tools: fc.option(fc.subarray(['files-read', 'Web-*', '*', 'web-a-b', 'read']), { nil: undefined }),
  client: fc.constantFrom(...NAMES, 'FILES'),
  tool: fc.constantFrom(...TOOLS, 'unlisted'),
})

describe('a tool', () => {
  it('is allowed where the server, the key and the request all have it, and nowhere else', ({ expect }) => {
    const seen = { allowed: 0, denied: 0, unknown: 0 }
    fc.assert(
      fc.property(given, ({ lists, clients, tools, client, tool }) => {
        const known = Object.entries(lists).map(([name, of]) => clientOf(name, of))
        const filter: McpFilter = { ...(clients && { clients }), ...(tools && { tools }) }
        const { kind } = decideTool(`${client}-${tool}`, known, filter)
        seen[kind] += 1
        const lower = client.toLowerCase()
        const own = lists[lower as keyof typeof lists]
        const has = (list: string[] | undefined) => list === undefined || list.includes('*') || list.includes(tool)
        const wantsClient = !clients || clients.some(one => one === '*' || one.toLowerCase() === lower)
        const names = [`${lower}-${tool}`, `${lower}-*`, '*']
        const wantsTool = !tools || tools.some(one => names.includes(one.replace(/^[^-]*/, head => head.toLowerCase())))
        const isAllowed = own != null && has(own.tools) && has(own.keyTools) && wantsClient && wantsTool
        expect(kind).toBe(own === undefined ? 'unknown' : isAllowed ? 'allowed' : 'denied')
      }),
      { numRuns: 2000 },
    )
    // Or the property would hold of nothing.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50)
  })

  it.for([
    ['files-read', { client: 'files', tool: 'read' }],
    ['files-a-b', { client: 'files', tool: 'a-b' }],
    ['files', undefined],
    ['files-', undefined],
    ['-read', undefined],
    ['', undefined],
  ] as const)('is named by its server, a hyphen and its own name: %s', ([text, expected], { expect }) => {
    expect(readToolName(text)).toEqual(expected)
  })
})
