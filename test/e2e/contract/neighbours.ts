import { describe, it } from 'vitest'
import { call, newKey, refused, VKS } from './server.ts'

describe('MCP servers and the tools of keys (1.1, 2.3)', () => {
  const CLIENT = '/api/mcp/client'
  const WHERE = { connection_type: 'http', connection_string: 'https://mcp.example.com/mcp' }

  it('are added, listed, allowed, changed and removed', async ({ expect }) => {
    const client = `c${crypto.randomUUID().replaceAll('-', '')}`
    const added = await call('POST', CLIENT, { name: client, ...WHERE, tools_to_execute: ['read'] })
    const { client_id } = added.body.client.config
    expect(added).toMatchObject({ status: 200, body: { status: 'success' } })
    const config = { client_id, name: client, ...WHERE, tools_to_execute: ['read'], auth_type: 'none', disabled: false }
    const listed = await call('GET', `/api/mcp/clients?search=${client}`)
    expect(listed.body).toMatchObject({ clients: [{ config, tools: [], state: 'pending_tools' }], count: 1, offset: 0 })
    const mcp_configs = [{ mcp_client_name: client, tools_to_execute: ['*'] }]
    const key = await newKey({ mcp_configs })
    const shown = { mcp_client_id: client_id, mcp_client: { client_id, name: client }, ...mcp_configs[0] }
    expect(key.mcp_configs).toMatchObject([{ id: 1, virtual_key_id: key.id, ...shown }])
    const repeated = await call('PUT', `${VKS}/${key.id}`, { mcp_configs: [...mcp_configs, ...mcp_configs] })
    const failed = `Failed to update virtual key: duplicate mcp_client_name: ${client}`
    expect(repeated).toMatchObject(refused(400, failed))
    expect((await call('PUT', `${CLIENT}/${client_id}`, { disabled: true })).body.client.state).toBe('disabled')
    expect((await call('DELETE', `/api/mcp/clients/${client_id}`)).status).toBe(200)
    expect(await call('DELETE', `${CLIENT}/${client_id}`)).toMatchObject(refused(404, 'MCP client not found'))
    expect((await call('GET', `${VKS}/${key.id}`)).body.virtual_key.mcp_configs).toEqual([])
  })
})

describe("the complexity analyzer's configuration (1.10)", () => {
  const PATH = '/api/governance/complexity-analyzer-config'

  it('is read, replaced and reset', async ({ expect }) => {
    const { body: defaults } = await call('GET', PATH)
    expect(defaults.tier_boundaries).toEqual({ simple_medium: 0.17, medium_complex: 0.39 })
    expect(defaults.keywords.simple_keywords.length).toBeGreaterThan(5)
    const changed = { ...defaults, tier_boundaries: { simple_medium: 0.2, medium_complex: 0.5 } }
    expect(await call('PUT', PATH, changed)).toMatchObject({ status: 200, body: changed })
    const falling = { tier_boundaries: { simple_medium: 0.6 } }
    const rule = 'tier_boundaries must rise: simple_medium < medium_complex < complex_reasoning'
    expect(await call('PUT', PATH, falling)).toMatchObject(refused(400, rule))
    expect((await call('POST', `${PATH}/reset`)).body).toEqual(defaults)
  })
})

describe('the neighbours', () => {
  it('tell of health, models and MCP clients', async ({ expect }) => {
    const health = await call('GET', '/health', undefined, { authorization: '' })
    expect(health.body).toEqual({ status: 'ok', components: { db_pings: 'ok' } })
    const { models, total } = (await call('GET', '/api/models?provider=openai&limit=3')).body
    expect([models.length, total > 10, models[0].provider]).toEqual([3, true, 'openai'])
    expect((await call('GET', '/api/models?query=GPT-4O-MINI&limit=100')).body.models).toContainEqual({
      ...{ name: 'gpt-4o-mini', provider: 'openai' },
    })
    expect((await call('GET', '/api/models')).body.models).toHaveLength(5)
    expect((await call('GET', '/api/mcp/clients?search=none')).body).toMatchObject({ clients: [], count: 0 })
  })
})
