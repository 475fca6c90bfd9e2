import fc from 'fast-check'
import { base64url } from 'jose'
import { describe, it } from 'vitest'
import { sealer } from '../../workers/core/key/seal.ts'
import { addressFlaw } from '../../workers/core/net/public-address.ts'

const SECRET = 'a secret of a deployment, 32 characters or more'
const OTHER = 'another secret of a deployment, as long as that'
const owner = fc.record({ tenantId: fc.string(), keyId: fc.string() })

describe('a sealed secret', () => {
  it('opens for its owner under its secret, and for no other owner', async ({ expect }) => {
    const { seal, open } = sealer(SECRET)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), owner, owner, async (text, mine, theirs) => {
        const sealed = await seal(text, mine)
        expect(await open(sealed, mine)).toBe(text)
        const isSame = mine.tenantId === theirs.tenantId && mine.keyId === theirs.keyId
        expect(await open(sealed, theirs)).toBe(isSame ? text : undefined)
        expect(await open(sealed, { tenantId: mine.keyId, keyId: mine.tenantId })).toBe(
          mine.tenantId === mine.keyId ? text : undefined,
        )
      }),
      { numRuns: 100 },
    )
  })

  // A separator between tenant and key would make these two the same.
  it('tells owners apart whose ids run together', async ({ expect }) => {
    const { seal, open } = sealer(SECRET)
    const sealed = await seal('x', { tenantId: 'a/b', keyId: 'c' })
    expect(await open(sealed, { tenantId: 'a', keyId: 'b/c' })).toBeUndefined()
    expect(await open(sealed, { tenantId: 'a","b', keyId: 'c' })).toBeUndefined()
  })

  it('does not open with any one bit of it flipped', async ({ expect }) => {
    const { seal, open } = sealer(SECRET)
    const mine = { tenantId: 't', keyId: 'k' }
    const bytes = base64url.decode((await seal('sk-live', mine)).slice(3))
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await open(`v1.${base64url.encode(changed)}`, mine), `bit ${bit}`).toBeUndefined()
    }
  })

  it('does not open cut, lengthened, in another alphabet, or of another format', async ({ expect }) => {
    const { seal, open } = sealer(SECRET)
    const mine = { tenantId: 't', keyId: 'k' }
    const sealed = await seal('sk-live', mine)
    const others = [
      '',
      'v1.',
      'v1.AAAA',
      sealed.slice(0, -1),
      `${sealed}A`,
      `${sealed}=`,
      ` ${sealed}`,
      sealed.replace('v1.', 'v2.'),
      sealed.slice(3),
      'env.OPENAI_API_KEY',
    ]
    for (const other of others) expect(await open(other, mine), other).toBeUndefined()
    const last = sealed.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const char of alphabet) {
      expect(await open(sealed.slice(0, -1) + char, mine)).toBe(char === last ? 'sk-live' : undefined)
    }
  })

  it('is never the same twice, and says nothing of the secret but its length', async ({ expect }) => {
    const { seal } = sealer(SECRET)
    const mine = { tenantId: 't', keyId: 'k' }
    const many = await Promise.all(Array.from({ length: 200 }, () => seal('sk-live-0123456789', mine)))
    expect(new Set(many).size).toBe(200)
    // Nonces and wrapped keys: no two texts share any of their first 60 bytes' 12-byte pieces.
    const pieces = many.map(text => base64url.decode(text.slice(3)))
    expect(new Set(pieces.map(bytes => base64url.encode(bytes.slice(0, 12)))).size).toBe(200)
    expect(new Set(pieces.map(bytes => base64url.encode(bytes.slice(60, 72)))).size).toBe(200)
    for (const text of many) expect(Buffer.from(text.slice(3), 'base64url').toString('latin1')).not.toContain('sk-live')
  })

  it('outlives a change of the secret, once, and is then sealed anew without being read', async ({ expect }) => {
    const mine = { tenantId: 't', keyId: 'k' }
    const old = await sealer(OTHER).seal('sk-live', mine)
    expect(await sealer(SECRET).open(old, mine)).toBeUndefined()
    const both = sealer(SECRET, OTHER)
    expect(await both.open(old, mine)).toBe('sk-live')
    const renewed = await both.reseal(old, mine)
    expect(renewed).not.toBe(old)
    expect(await sealer(SECRET).open(renewed, mine)).toBe('sk-live')
    expect(await sealer(OTHER).open(renewed, mine)).toBeUndefined()
    expect(await both.reseal(renewed, mine)).toBe(renewed)
    expect(await both.reseal(old, { ...mine, keyId: 'other' })).toBe(old)
    expect(await both.reseal('env.NAME', mine)).toBe('env.NAME')
    expect(await sealer(SECRET).open(await both.seal('new', mine), mine)).toBe('new')
  })
})

describe('an address that a tenant wants called', () => {
  it.for([
    'https://api.openai.com/v1',
    'https://api.openai.com.',
    'https://my-resource.openai.azure.com/',
    'https://1.1.1.1',
    'https://172.15.0.1',
    'https://172.32.0.1',
    'https://100.63.255.255',
    'https://100.128.0.1',
    'https://169.253.1.1',
    'https://11.0.0.1:8443/x',
    'https://[2606:4700:4700::1111]/',
    'https://[2a00:1450:4001::5]/',
    'https://[2002:0808:0808::1]/',
    'https://localhost.example.com',
    'https://xn--bcher-kva.de',
  ])('is let through where it is public: %s', (address, { expect }) => {
    expect(addressFlaw(address)).toBeUndefined()
  })

  it.for([
    // IPv4: loopback, private, link-local with the clouds' metadata, shared, reserved, multicast
    'https://127.0.0.1',
    'https://127.8.9.1:8443',
    'https://10.0.0.1',
    'https://172.16.0.1',
    'https://172.31.255.255',
    'https://192.168.1.1',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1',
    'https://100.127.255.255',
    'https://0.0.0.0',
    'https://192.0.0.8',
    'https://192.0.2.1',
    'https://198.18.0.1',
    'https://198.19.255.255',
    'https://198.51.100.7',
    'https://203.0.113.1',
    'https://224.0.0.1',
    'https://255.255.255.255',
    // the same in other ways of writing
    'https://2130706433',
    'https://0x7f000001',
    'https://0x7f.1',
    'https://0177.0.0.1',
    'https://127.1',
    'https://127.0.0.1.',
    'https://127.0.0.1%2e',
    'https://%31%32%37.0.0.1',
    'https://１２７.0.0.1',
    'https://①②⑦.0.0.1',
    'https://3232235777',
    'https://0xa9fea9fe',
    'https:\\\\127.0.0.1',
    ' https://127.0.0.1 ',
    'HTTPS://LOCALHOST',
    // IPv6
    'https://[::1]',
    'https://[::]',
    'https://[0:0:0:0:0:0:0:1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:8.8.8.8]',
    'https://[::7f00:1]',
    'https://[64:ff9b::7f00:1]',
    'https://[64:ff9b:1::1]',
    'https://[fe80::1]',
    'https://[fec0::1]',
    'https://[fc00::1]',
    'https://[fd12:3456::1]',
    'https://[ff02::1]',
    'https://[2001:db8::1]',
    'https://[2001::1]',
    'https://[2002:7f00:1::]',
    'https://[2002:c0a8:101::]',
    'https://[3fff::1]',
    'https://[100::1]',
    // names
    'https://localhost',
    'https://localhost.',
    'https://localhost..',
    'https://api.localhost',
    'https://printer.local',
    'https://metadata.google.internal',
    'https://db.internal.',
    'https://intranet',
    'https://router.lan',
    'https://x.home.arpa',
  ])('is refused where it is not public: %s', (address, { expect }) => {
    expect(addressFlaw(address)).toMatch(/^not_(public|a_url)$/)
  })

  it.for([
    ['http://api.openai.com', 'not_https'],
    ['ftp://api.openai.com', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['javascript:alert(1)', 'not_https'],
    ['data:text/plain,x', 'not_https'],
    ['https://user@api.openai.com', 'has_credentials'],
    ['https://user:pass@127.0.0.1', 'has_credentials'],
    ['https://api.openai.com@evil.example', 'has_credentials'],
    ['', 'not_a_url'],
    ['api.openai.com', 'not_a_url'],
    ['//api.openai.com', 'not_a_url'],
    ['https://', 'not_a_url'],
    ['https://[::1', 'not_a_url'],
    ['https://256.1.1.1', 'not_a_url'],
    ['https://a b', 'not_a_url'],
  ] as const)('is refused for another reason: %s', ([address, flaw], { expect }) => {
    expect(addressFlaw(address)).toBe(flaw)
  })

  it('is refused for every address of a private network, however it is written', ({ expect }) => {
    const privately = fc.oneof(
      fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
    )
    const property = fc.property(privately, ([a, b, c, d]) => {
      const value = ((a * 256 + b) * 256 + c) * 256 + d
      const octal = [a, b, c, d].map(part => `0${part.toString(8)}`).join('.')
      const ways = [`${a}.${b}.${c}.${d}`, String(value), `0x${value.toString(16)}`, octal, `${a}.${b}.${c * 256 + d}`]
      const mapped = `[::ffff:${a}.${b}.${c}.${d}]`
      for (const host of [...ways, mapped]) expect(addressFlaw(`https://${host}/v1`), host).toBe('not_public')
    })
    fc.assert(property)
  })
})
