/** Why an address may not be called. */
export type AddressFlaw = 'not_a_url' | 'not_https' | 'has_credentials' | 'not_public'

/** Networks that are nobody's on the internet, or that reach inside (IANA's special-purpose registries): prefix / bits. */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Names that resolve on the machine or in its own network alone, and what public names never end in. */
const LOCAL_NAMES = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'home.arpa',
  'localdomain',
  'onion',
  'test',
  'invalid',
  'example',
]

function numberOf(v4: string): number {
  return v4.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function isPrivateV4(address: string): boolean {
  const value = numberOf(address)
  return PRIVATE_V4.some(([prefix, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(value / size) === Math.floor(numberOf(prefix) / size)
  })
}

// As `URL` writes it: in lower case, hexadecimal, at most one `::`.
function groupsOf(v6: string): number[] {
  const [head = '', tail] = v6.split('::')
  const read = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const [before, after] = [read(head), read(tail ?? '')]
  return [...before, ...Array<number>(tail === undefined ? 0 : 8 - before.length - after.length).fill(0), ...after]
}

function v4In(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

// Public are the global unicast addresses, 2000::/3, but for those that stand for IPv4 ones, for tunnels and for examples.
function isPrivateV6(address: string): boolean {
  const [first = 0, second = 0, third = 0] = groupsOf(address)
  if (first < 0x2000 || first > 0x3fff) return true
  if (first === 0x2002) return isPrivateV4(v4In(second, third))
  if (first === 0x2001) return second < 0x0200 || second === 0x0db8
  return first === 0x3fff && second < 0x1000
}

function isLocalName(host: string): boolean {
  return !host.includes('.') || LOCAL_NAMES.some(name => host === name || host.endsWith(`.${name}`))
}

// `URL` has already turned `127.1`, `2130706433`, `0x7f.1` and their like into four decimal numbers.
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/\.+$/, '').toLowerCase()
  if (host.startsWith('[')) return !isPrivateV6(host.slice(1, -1))
  if (/^\d+(\.\d+){3}$/.test(host)) return !isPrivateV4(host)
  return !isLocalName(host)
}

/**
 * What is wrong with an address that a tenant wants called: anything but `https` on the public internet, or, where private
 * ones are allowed, anything but `http` and `https`. By its text alone: where a public name resolves to is not known here.
 * `undefined` for nothing.
 */
export function addressFlaw(text: string, { allowPrivate = false } = {}): AddressFlaw | undefined {
  const url = URL.parse(text)
  if (!url) return 'not_a_url'
  if (url.username !== '' || url.password !== '') return 'has_credentials'
  if (allowPrivate && url.protocol === 'http:') return undefined
  if (url.protocol !== 'https:') return 'not_https'
  return allowPrivate || isPublicHost(url.hostname) ? undefined : 'not_public'
}
