import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, it } from 'vitest'
import { ROLES } from '../../workers/core/access/role.ts'
import { jsonFetcher } from '../../workers/core/net/fetch-json.ts'
import { accessTokens } from '../../workers/core/sign-in/access-token.ts'
import {
  agentKeyId,
  isAgentSignature,
  readAgentHeader,
  readAgentKeyId,
  type SignedRequest,
  signAgentRequest,
  textToSign,
} from '../../workers/core/sign-in/agent-signature.ts'
import { normalEmail } from '../../workers/core/sign-in/email.ts'
import { readKeySet } from '../../workers/core/sign-in/key-set.ts'
import { hashPassword, isCostOf, isPasswordOf, PASSWORD_COST } from '../../workers/core/sign-in/password.ts'
import { peekJwt } from '../../workers/core/sign-in/peek-jwt.ts'
import { mintRefreshText, readRefreshText } from '../../workers/core/sign-in/refresh-text.ts'
import { roleByClaims } from '../../workers/core/sign-in/role-by-claims.ts'
import { logEvent } from '../../workers/telemetry/log.ts'

const CHEAP = { log2Cost: 4, blockSize: 8, parallel: 1 }
const [docs = ''] = Object.values(
  import.meta.glob<string>('../../docs/sign-in.md', { query: '?raw', import: 'default', eager: true }),
)

describe('an email', () => {
  it.for([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['a+b@x.co', 'a+b@x.co'],
    ['ada', undefined],
    ['ada@', undefined],
    ['ada@localhost', undefined],
    ['a da@x.co', undefined],
    ['a@b@x.co', undefined],
    ['ada@x..co', undefined],
    [`${'x'.repeat(65)}@x.co`, undefined],
    [`a@${'x'.repeat(260)}.co`, undefined],
  ] as const)('is one person however it is written: %j', async ([text, email], { expect }) => {
    expect(normalEmail(text)).toBe(email)
  })
})

describe('a password', () => {
  it('is the one of its record and of no other, and each record has a salt of its own', ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (password, other) => {
        const record = hashPassword(password, CHEAP)
        expect(isPasswordOf(record, password, CHEAP)).toBe(true)
        expect(isPasswordOf(record, other, CHEAP)).toBe(other.normalize('NFKC') === password.normalize('NFKC'))
        expect(hashPassword(password, CHEAP)).not.toBe(record)
      }),
      { numRuns: 30 },
    )
  })

  it('is checked at the cost that its record was made at', ({ expect }) => {
    const record = hashPassword('x', { log2Cost: 5, blockSize: 8, parallel: 2 })
    expect(isPasswordOf(record, 'x', CHEAP)).toBe(true)
    expect([isCostOf(record, CHEAP), isCostOf(record, { log2Cost: 5, blockSize: 8, parallel: 2 })]).toEqual([
      false,
      true,
    ])
  })

  it('costs as much where there is no record, and is never right', ({ expect }) => {
    const cost = (log2Cost: number) => ({ log2Cost, blockSize: 8, parallel: 1 })
    for (const none of [null, '', 'scrypt$1$1$1$x$y']) expect(isPasswordOf(none, 'x', cost(8))).toBe(false)
    const fastest = (log2Cost: number) => {
      const times = [1, 2, 3].map(() => {
        const started = performance.now()
        isPasswordOf(null, 'x', cost(log2Cost))
        return performance.now() - started
      })
      return Math.min(...times)
    }
    // 64 times the work: a machine that is busy in between does not hide it.
    expect(fastest(14)).toBeGreaterThan(2 * fastest(8))
  })

  it('costs what OWASP asks for, with memory that an isolate has', ({ expect }) => {
    expect(PASSWORD_COST).toEqual({ log2Cost: 15, blockSize: 8, parallel: 3 })
    expect(hashPassword('x', PASSWORD_COST)).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
  })
})

describe('an access token', () => {
  const [today, tomorrow] = ['secret of today '.repeat(3), 'secret of tomorrow '.repeat(3)]
  const claims = { userId: 'u', tenantId: 't', familyId: 'f', role: 'owner' } as const

  it('is read under the secret that signed it, today or before, and expires under either', async ({ expect }) => {
    const text = await accessTokens(today).sign(claims, 0)
    const said = { userId: 'u', tenantId: 't', familyId: 'f' }
    const readers = [accessTokens(today), accessTokens(tomorrow, today), accessTokens(tomorrow)]
    expect(await Promise.all(readers.map(one => one.read(text, 899_999)))).toEqual([said, said, undefined])
    expect(await Promise.all(readers.map(one => one.read(text, 900_000)))).toEqual(['expired', 'expired', undefined])
    // Made with today's secret, and meant for something else.
    const other = await new SignJWT({ typ: 'access' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(Buffer.from(today))
    expect(await accessTokens(today).read(other, 0)).toBeUndefined()
  })
})

describe('a refresh token', () => {
  it('has 256 random bits, is found under its tenant alone, and is stored as a hash', ({ expect }) => {
    const tenantId = crypto.randomUUID()
    const { text, tokenHash } = mintRefreshText(tenantId)
    expect(text).toMatch(new RegExp(`^weir-rt-${tenantId}\\.[\\w-]{43}$`))
    expect(readRefreshText(text)).toEqual({ tenantId, tokenHash })
    expect(text).not.toContain(tokenHash)
    expect(mintRefreshText(tenantId).text).not.toBe(text)
    for (const none of [text.slice(1), `${text}x`, text.toUpperCase(), ''])
      expect(readRefreshText(none)).toBeUndefined()
  })
})

describe('the signature of an agent', () => {
  const example: SignedRequest = {
    method: 'POST',
    url: 'https://weir.example.com/v1/limits?note=b%20c&note=a',
    body: new TextEncoder().encode('{"scope":"user:u","unit":"tokens","max":5,"duration":"1h"}'),
    timestamp: 1_795_176_000,
    nonce: '7f3c9a1e5b2d4860',
  }

  it('is made as docs/sign-in.md says, with the example that is there', ({ expect }) => {
    const secret = /secret `(weir-agent-[^`]+)`/.exec(docs)?.[1] ?? ''
    const indented = (text: string) => text.replaceAll(/^/gm, '    ')
    expect(docs).toContain(`is signed as\n\n${indented(textToSign(example))}\n\nand`)
    expect(docs).toContain(`the signature is\n\n    ${signAgentRequest(example, secret)}\n`)
    expect(docs).toContain(`\n\n    ${new TextDecoder().decode(example.body)}\n\n`)
    expect(docs).toContain('`/v1/limits?note=b%20c&note=a`')
  })

  it('is of this request under this secret, and of no other', ({ expect }) => {
    const part = fc.constantFrom('method', 'url', 'body', 'timestamp', 'nonce', 'secret')
    const signature = signAgentRequest(example, 's')
    expect(isAgentSignature(signature, example, 's')).toBe(true)
    fc.assert(
      fc.property(part, fc.nat(), (name, seed) => {
        const text = `x${seed}`
        const others = { url: `${example.url}&${text}`, body: new TextEncoder().encode(text), timestamp: seed }
        const whole = { ...example, secret: 's' }
        const { secret, ...request } = {
          ...whole,
          [name]: { ...others, method: text, nonce: text, secret: text }[name],
        }
        expect(isAgentSignature(signature, request, secret)).toBe(false)
      }),
    )
  })

  it('is the same for the same parameters in any order, and another for others', ({ expect }) => {
    const pair = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.string({ unit: 'grapheme', maxLength: 5 }))
    const signed = (pairs: [string, string][]) =>
      textToSign({ ...example, url: `https://x.co/?${new URLSearchParams(pairs)}` })
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), pair, (pairs, [name, value]) => {
        expect(signed(pairs.toReversed())).toBe(signed(pairs))
        expect(signed([...pairs, [name, value]])).not.toBe(signed(pairs))
        expect(signed([...pairs, [name, `${value}&a=b`]])).not.toBe(signed([...pairs, [name, value], ['a', 'b']]))
      }),
    )
  })

  it('names its key by tenant and id, and reads what it names', ({ expect }) => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (tenantId, id) => {
        const keyId = agentKeyId({ tenantId, id })
        expect(readAgentKeyId(keyId)).toEqual({ tenantId, id })
        const fields = `keyId=${keyId}, ts=5, nonce=${'n'.repeat(16)}, signature=${'0'.repeat(64)}`
        expect(readAgentHeader(`WEIR-HMAC-SHA256 ${fields}`)).toMatchObject({ keyId, timestamp: 5 })
      }),
    )
    for (const none of ['', 'agt_', `agt_${'g'.repeat(64)}`]) expect(readAgentKeyId(none)).toBeUndefined()
  })
})

describe('a role by claims', () => {
  it('is one that the mapping or the default names, the mightiest of them, for any claim at all', ({ expect }) => {
    const role = fc.constantFrom(...ROLES)
    const mapping = fc.dictionary(fc.string({ maxLength: 3 }), role)
    fc.assert(
      fc.property(fc.jsonValue(), mapping, fc.option(role), (claim, roleMapping, defaultRole) => {
        const given = roleByClaims({ groups: claim }, { roleClaim: 'groups', roleMapping, defaultRole })
        const named = [claim]
          .flat()
          .flatMap(one => (typeof one === 'string' && roleMapping[one] ? [roleMapping[one]] : []))
        expect(given).toBe(ROLES.find(one => named.includes(one)) ?? defaultRole ?? undefined)
      }),
    )
  })
})

describe('the keys that a provider publishes', () => {
  it('are read from any JSON without a failure, and only public ones with a name are', ({ expect }) => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const keys = readKeySet({
          keys: [value, { kty: 'oct', kid: 'x', k: 's' }, { kty: 'RSA', kid: 'r', d: 'private' }],
        })
        expect(keys).toEqual({ keys: expect.arrayContaining([{ kty: 'RSA', kid: 'r' }]) })
        expect(JSON.stringify(keys)).not.toMatch(/"(k|d)":|oct/)
        readKeySet(value)
      }),
    )
    for (const none of [null, [], {}, { keys: {} }, { keys: Array(51).fill({}) }])
      expect(readKeySet(none)).toBeUndefined()
  })
})

describe('peeking into a JWT', () => {
  it('never fails, whatever the text', ({ expect }) => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
    )
    fc.assert(fc.property(fc.array(part, { maxLength: 4 }), parts => void peekJwt(parts.join('.'))))
    expect(peekJwt(`${'e30.'.repeat(9000)}`)).toBeUndefined()
  })
})

describe('JSON from an address that a tenant named', () => {
  const fetcher = (answer: () => Response, allowPrivate = false) => {
    const asked: [string, RequestInit][] = []
    const fetch = async (address: unknown, init: unknown) => {
      asked.push([String(address), init as RequestInit])
      return answer()
    }
    return { asked, read: jsonFetcher(fetch as typeof globalThis.fetch, { allowPrivate }) }
  }

  it.for([
    'http://idp.example.org/jwks',
    'https://127.0.0.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/jwks',
    'https://localhost/jwks',
    'https://user:pass@idp.acme.com/jwks',
    'file:///etc/passwd',
    'jwks',
  ])('is not asked for where the address is not public: %s', async (address, { expect }) => {
    const { asked, read } = fetcher(() => Response.json({ keys: [] }))
    await expect(read(address)).rejects.toThrow(/may not be called/)
    expect(asked).toEqual([])
  })

  it.for([
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://127.0.0.1/' } })],
    ['an error', () => new Response('{}', { status: 500 })],
    ['no body', () => new Response(null, { status: 204 })],
    ['no JSON', () => new Response('<html>')],
    ['no UTF-8', () => new Response(new Uint8Array([0xff, 0xfe]))],
    ['too much', () => new Response(`"${'x'.repeat(65_536)}"`)],
  ] as const)('is none where the address answers %s', async ([, answer], { expect }) => {
    const { asked, read } = fetcher(answer)
    await expect(read('https://idp.acme.com/jwks')).rejects.toThrow()
    expect(asked.length).toBe(1)
  })

  it('is read whole, with a limit of time, and without following anything', async ({ expect }) => {
    const { asked, read } = fetcher(() => Response.json({ keys: ['ü'.repeat(20_000)] }))
    expect(await read('https://idp.acme.com/jwks')).toEqual({ keys: ['ü'.repeat(20_000)] })
    expect(asked[0]?.[1]).toMatchObject({ redirect: 'manual', signal: expect.any(AbortSignal) })
    const near = fetcher(() => Response.json(1), true)
    expect(await near.read('http://127.0.0.1:8080/jwks')).toBe(1)
  })
})

describe('a log line', () => {
  it('holds no token and no secret, under whatever name it is logged', ({ expect }) => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'
    const planted = [
      jwt,
      mintRefreshText(crypto.randomUUID()).text,
      `weir-svc-${'s'.repeat(43)}`,
      `weir-agent-${'a'.repeat(43)}`,
    ]
    const lines: string[] = []
    const { log } = console
    console.log = (line: string) => lines.push(line)
    for (const text of planted)
      logEvent({ cause: `Error: Bearer ${text} is wrong`, secretSealed: 'v1.abc', refreshToken: text })
    console.log = log
    expect(lines.length).toBe(planted.length)
    for (const text of planted) {
      for (const piece of text.split('.').map(one => one.slice(-20))) expect(lines.join('\n')).not.toContain(piece)
    }
    expect(lines.join('\n')).not.toContain('v1.abc')
  })
})
