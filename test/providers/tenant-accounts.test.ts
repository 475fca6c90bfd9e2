import { describe, it } from 'vitest'
import type { KeySnapshot, ProviderAccount } from '../../workers/core/snapshot.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { tenantProviders } from '../../workers/providers/tenant-accounts.ts'

const fetch = async () => new Response()
const shared = configuredProviders({ mock: true, secrets: { OPENAI_API_KEY: 'sk-deployment' } }, fetch)

function accountOf(rest: Partial<ProviderAccount> = {}): ProviderAccount {
  const key = {
    id: 'k1',
    name: 'k',
    weight: 2,
    models: ['a'],
    blacklistedModels: ['b'],
    sealed: 'sealed',
    settings: {},
  }
  return { name: 'openai', vendor: 'openai', baseUrl: null, region: null, residency: null, keys: [key], ...rest }
}

function withSettings(settings: Record<string, string>): ProviderAccount['keys'] {
  return accountOf().keys.map(key => ({ ...key, settings }))
}

function snapshotOf(...accounts: ProviderAccount[]): KeySnapshot {
  const owner = { teamId: null, customerId: null, expiresMs: null, isActive: true, isDeleted: false }
  return {
    version: 1,
    tenantId: 't',
    keyId: 'v',
    name: 'v',
    keyHash: '',
    providers: [],
    limits: [],
    ...owner,
    accounts,
  }
}

function setUp() {
  const asked: unknown[] = []
  const openSecret = async (sealed: string, owner: object) => {
    asked.push([sealed, owner])
    return { secret: 'sk-tenant', settings: { sessionToken: 'token' } }
  }
  return { asked, providersFor: tenantProviders({ fetch, shared, declared: new Map(), openSecret }) }
}

describe("a tenant's accounts", () => {
  it('are opened by their own keys, for their tenant, when a call is made and not before', async ({ expect }) => {
    const { asked, providersFor } = setUp()
    const region = { region: 'eu-central-1', residency: 'eu' }
    const account = accountOf({ ...region, keys: withSettings({ project: 'p' }) })
    const provider = providersFor(snapshotOf(account)).get('openai')
    expect(provider).toMatchObject({ name: 'openai', pricebook: 'openai', ...region })
    expect(asked).toEqual([])
    const [key] = provider?.keys ?? []
    expect(key).toMatchObject({ id: 'k1', name: 'k', weight: 2, models: ['a'], blacklistedModels: ['b'] })
    expect(await key?.open()).toEqual({
      baseUrl: 'https://api.openai.com/v1',
      secret: 'sk-tenant',
      settings: { region: 'eu-central-1', project: 'p', sessionToken: 'token' },
    })
    expect(asked).toEqual([['sealed', { tenantId: 't', keyId: 'k1' }]])
  })

  it.for<[Partial<ProviderAccount>, object]>([
    [{ baseUrl: 'https://account.test/v1/' }, { baseUrl: 'https://account.test/v1' }],
    [
      {
        baseUrl: 'https://account.test',
        keys: withSettings({ baseUrl: 'https://key.test', region: 'r' }),
        region: 'q',
      },
      { baseUrl: 'https://key.test', settings: { region: 'r', sessionToken: 'token' } },
    ],
  ])('are where the key, else the account, else the vendor says: %j', async ([rest, access], { expect }) => {
    const provider = setUp()
      .providersFor(snapshotOf(accountOf(rest)))
      .get('openai')
    expect(await provider?.keys[0]?.open()).toMatchObject(access)
  })

  it.for([
    { said: { region: 'global', residency: 'eu' }, regions: ['us-central1'], place: ['us-central1', 'us'] },
    { said: { region: 'europe-west4', residency: 'us' }, regions: [undefined], place: ['europe-west4', 'eu'] },
    { said: { region: null, residency: 'eu' }, regions: ['global'], place: ['global', undefined] },
    { said: { region: 'global', residency: 'eu' }, regions: ['eu', 'us'], place: [undefined, undefined] },
  ])('of Vertex work where their keys do, whatever the account says: $said, $regions', (row, { expect }) => {
    const keys = row.regions.flatMap(region => withSettings(region === undefined ? {} : { region }))
    const account = accountOf({ name: 'vertex', vendor: 'vertex', ...row.said, keys })
    const provider = setUp().providersFor(snapshotOf(account)).get('vertex')
    expect([provider?.region, provider?.residency]).toEqual(row.place)
  })

  it('take the place of the deployment’s, even where they cannot be called', ({ expect }) => {
    const { providersFor } = setUp()
    expect(providersFor(snapshotOf())).toBe(shared)
    const named = providersFor(snapshotOf(accountOf({ name: 'mine' }), accountOf({ keys: [] })))
    expect([...named.keys()].sort()).toEqual(['mine', 'mock', 'openai'])
    expect(named.get('openai')?.keys).toEqual([])
    expect(shared.get('openai')?.keys[0]?.id).toBe('deployment')
    expect([...providersFor(snapshotOf(accountOf({ vendor: 'gone' }))).keys()]).toEqual(['mock'])
  })

  it('are made once for a snapshot, and anew for the next', ({ expect }) => {
    const { providersFor } = setUp()
    const snapshot = snapshotOf(accountOf())
    expect(providersFor(snapshot)).toBe(providersFor(snapshot))
    expect(providersFor(structuredClone(snapshot)).get('openai')).not.toBe(providersFor(snapshot).get('openai'))
  })
})
