import { describe, it } from 'vitest'
import { call, make, name, newKey, PRICES, refused } from './server.ts'

const NOBODY = crypto.randomUUID()
const ROW = { scope_kind: 'global', match_type: 'exact', pattern: 'never-used', request_types: ['embedding'] }

describe('pricing overrides, all of them (1.8)', () => {
  it('are listed by each of their ids, and have the contract’s members', async ({ expect }) => {
    const key = await newKey()
    const of = { scope_kind: 'virtual_key_provider', virtual_key_id: key.id, provider_id: 'openai' }
    const row = await make(PRICES, 'pricing_override', { ...ROW, ...of })
    expect(Object.keys(row).sort()).toEqual(
      [
        ...['id', 'name', 'scope_kind', 'virtual_key_id', 'provider_id', 'match_type', 'pattern', 'request_types'],
        ...['pricing_patch', 'patch', 'config_hash', 'created_at', 'updated_at'],
      ].sort(),
    )
    expect(row).toMatchObject({ patch: {}, pricing_patch: '{}', config_hash: '' })
    for (const [query, count] of [
      [`virtual_key_id=${key.id}`, 1],
      [`virtual_key_id=${key.id}&provider_id=OpenAI`, 1],
      [`virtual_key_id=${key.id}&scope_kind=global`, 0],
      [`provider_key_id=${NOBODY}`, 0],
      [`virtual_key_id=${NOBODY}`, 0],
    ] as const)
      expect([query, (await call('GET', `${PRICES}?${query}`)).body.total_count]).toEqual([query, count])
    expect((await call('GET', `${PRICES}/${row.id}`)).body).toEqual({ pricing_override: row })
  })

  it('refuse by PUT what they refuse by POST, and are 404 once they are gone', async ({ expect }) => {
    const row = await make(PRICES, 'pricing_override', ROW)
    const path = `${PRICES}/${row.id}`
    for (const [body, message] of [
      [{ name: '' }, 'name is required'],
      [{ scope_kind: 'team' }, 'unsupported scope_kind "team"'],
      [{ scope_kind: 'provider' }, 'provider_id is required for provider scope_kind'],
      [{ provider_id: 'openai' }, 'global scope_kind must not include scope identifiers'],
      [{ pattern: '' }, 'pattern is required'],
      [{ pattern: 'a*' }, 'exact match pattern must not contain wildcards'],
      [{ match_type: 'wildcard' }, 'wildcard pattern must end with *'],
      [{ match_type: 'regex' }, 'unsupported match_type "regex"'],
      [{ request_types: [] }, 'request_types is required and must contain at least one value'],
      [{ request_types: ['chat'] }, 'unsupported request_type "chat"'],
      [{ patch: { input_cost_per_token: 'x' } }, 'Invalid patch'],
      [{ scope_kind: 'provider_key', provider_key_id: NOBODY }, 'provider_key_id names no key of that provider'],
      [{ scope_kind: 'virtual_key', virtual_key_id: NOBODY }, 'virtual_key_id names no virtual key'],
    ] as const)
      expect([body, await call('PUT', path, body)]).toMatchObject([body, refused(400, message)])
    const nobody = { ...ROW, name: name(), scope_kind: 'provider_key', provider_key_id: NOBODY }
    expect(await call('POST', PRICES, nobody)).toMatchObject(
      refused(400, 'provider_key_id names no key of that provider'),
    )
    expect((await call('DELETE', path)).status).toBe(200)
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, path, body)).toMatchObject(refused(404, 'Pricing override not found'))
    }
  })
})
