import { describe, it } from 'vitest'
import { apiDocument } from '../../workers/api-document.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import type { Schema } from '../support/json-schema.ts'
import { everythingOf, tablesOfTenants } from './everything-of.ts'
import { type Answer, type Call, fakeControl } from './fake-ports.ts'
import { inhabitedTenant, SAMPLES } from './route-samples.ts'

type Tenant = Awaited<ReturnType<typeof inhabitedTenant>>
type Parameter = { name: string; in: string }
type Operation = {
  operationId: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

const OPERATIONS = Object.values(apiDocument().paths).flatMap(methods =>
  Object.values(methods),
) as unknown as Operation[]
const ROUTES = CONTROL_ROUTES.filter(({ access }) => typeof access !== 'string' || access === 'signed_in').map(
  route => route.operationId,
)

/** A name for each thing of a tenant's that is in no other tenant: its ids, and what it is called. */
async function marksOf(tenant: Tenant): Promise<string[]> {
  const { data } = (await tenant.call('GET', '/v1/tenant')).body
  const members = (await tenant.call('GET', '/v1/tenant/members')).body.data as { email: string }[]
  return [tenant.tenantId, ...Object.values(tenant.ids), data.name, ...members.map(({ email }) => email)]
}

// Another text for each id, of the same form, also in its first letter: what nobody has.
function unknownLike(id: string): string {
  const uuids = id.replaceAll(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    uuid => uuid.slice(0, 1) + crypto.randomUUID().slice(1),
  )
  if (uuids !== id) return uuids
  return id.replace(/^agt_.*$/, () => `agt_${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll('-', ''))
}

/** The names in a body by its schema that take a text. */
function textFields({ requestBody }: Operation): string[] {
  const schema = requestBody?.content['application/json']?.schema as
    | { properties?: Record<string, unknown> }
    | undefined
  const takesText = ([, of]: [string, unknown]) => /"type":"string"/.test(JSON.stringify(of))
  return Object.entries(schema?.properties ?? {})
    .filter(entry => takesText(entry) && !('enum' in (entry[1] as object)))
    .map(([name]) => name)
}

// Every id is named in each part of a path. Of the other places there are a thousand: there an id is named where the place asks for
// its kind, as `team` does in `team_id`, and has its turn in some of the rest.
const TURNS = 12

type Named = { id: string; kind: string; nth: number }

function asksFor(kind: string, place: string): boolean {
  const words = kind.split(/(?=[A-Z])/).map(word => word.toLowerCase())
  return words.some(word => place.toLowerCase().includes(word))
}

/** Requests that name this thing in places where a route takes a text: a part of the path, a query, a body's field, a header. */
function callsNaming({ id, kind, nth }: Named, [method, path, body]: Call, operation: Operation): Call[] {
  const [bare = ''] = path.split('?')
  const route = CONTROL_ROUTES.find(one => one.operationId === operation.operationId)
  const parts = bare.split('/')
  const places = (route?.path ?? '').split('/').flatMap((part, index) => (part.startsWith(':') ? [index] : []))
  const inPath = places.map((at): Call => [method, parts.with(at, encodeURIComponent(id)).join('/'), body])
  const elsewhere: [place: string, call: Call][] = [
    ...operation.parameters
      .filter(one => one.in === 'query')
      .map(({ name }): [string, Call] => [name, [method, `${bare}?${new URLSearchParams({ [name]: id })}`, body]]),
    ...textFields(operation).map((name): [string, Call] => [name, [method, path, { ...(body as object), [name]: id }]]),
    ['tenant', [method, path, body, { 'x-active-tenant-id': id }]],
  ]
  const chosen = elsewhere.filter(([place], at) => nth === 0 || asksFor(kind, place) || (at + nth) % TURNS === 0)
  return [...inPath, ...chosen.map(([, call]) => call)]
}

// What an answer says beside the text that was asked with, the ids that it made and the state that counts its changes.
function gist({ status, body }: Answer, asked: string): string {
  const uuid = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g
  return JSON.stringify([status, body]).replaceAll(asked, 'ASKED').replaceAll(uuid, 'ID')
}

type Trial = { id: string; call: Call; unknown: string; same: Call }

/** Requests that name a thing of somebody else's, each beside the same request that names what nobody has. */
function trialsOf(operation: Operation, theirs: Tenant, [mine, twin]: [Tenant, Tenant]): Trial[] {
  const [sample] = SAMPLES[operation.operationId] ?? []
  if (!sample) throw new Error(`no sample of ${operation.operationId}`)
  const ids = Object.entries({ tenant: theirs.tenantId, ...theirs.ids })
  return ids.flatMap(([kind, id], nth) => {
    const unknown = unknownLike(id)
    const made = callsNaming({ id: unknown, kind, nth }, sample(twin.ids), operation)
    return callsNaming({ id, kind, nth }, sample(mine.ids), operation).map((call, index): Trial => {
      return { id, call, unknown, same: made[index] ?? call }
    })
  })
}

let control: ReturnType<typeof fakeControl> | undefined
const made = () => {
  control ??= fakeControl()
  return inhabitedTenant(control)
}

let theirs: Promise<Tenant> | undefined

/** Whose things are named: one for all tests, since each sees that it is as it was. */
function somebody(): Promise<Tenant> {
  theirs ??= made()
  return theirs
}

type Pair = [mine: Tenant, twin: Tenant]
const pairs: Pair[] = []

/** Two that are alike: what requests change they change in both. Of those that were refused they stay as good as new. */
async function twins(): Promise<Pair> {
  return pairs.pop() ?? [await made(), await made()]
}

const isRead = ({ operationId }: Operation) =>
  CONTROL_ROUTES.find(route => route.operationId === operationId)?.method === 'GET'

describe("another tenant's id, wherever a route takes a text", () => {
  it.for(OPERATIONS.filter(({ operationId }) => ROUTES.includes(operationId)))(
    'is answered like one that nobody has, tells nothing and changes nothing: $operationId',
    { timeout: 60_000 },
    async (operation, { expect }) => {
      const theirs = await somebody()
      const [mine, twin] = await twins()
      let isUsed = false
      const marks = await marksOf(theirs)
      const before = await everythingOf(theirs)
      for (const { id, call, unknown, same } of trialsOf(operation, theirs, [mine, twin])) {
        const answer = await mine.call(...call)
        const other = await twin.call(...same)
        expect([call, answer.status]).toEqual([call, other.status])
        isUsed ||= answer.status < 300 && !isRead(operation)
        if (answer.status >= 400) expect(gist(answer, id)).toBe(gist(other, unknown))
        const text = JSON.stringify(answer.body).replaceAll(id, '')
        expect(marks.filter(mark => text.includes(mark))).toEqual([])
      }
      expect(await everythingOf(theirs)).toBe(before)
      if (!isUsed) pairs.push([mine, twin])
    },
  )

  it('is asked of tenants that are as the API makes them, though they are copies', async ({ expect }) => {
    const [copy, made] = [await inhabitedTenant(fakeControl()), await inhabitedTenant(fakeControl(), 'setup-token')]
    const formOf = async (tenant: Tenant) => {
      // Less ids, the last letters of those, and what is random.
      const text = (await everythingOf(tenant)).replaceAll(/[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}/g, 'ID')
      const tables: object[][] = JSON.parse(text.replaceAll(/\*{4}[\w-]{2}|(?<![\w-])(v1\.)?[\w-]{32,}=*/g, 'TEXT'))
      return tables.map(rows => rows.map(row => JSON.stringify(row)).toSorted())
    }
    expect(await formOf(copy)).toEqual(await formOf(made))
  })

  it('would be seen if it did: the same requests of its own tenant show and change', async ({ expect }) => {
    const tenant = await inhabitedTenant(fakeControl())
    const before = await everythingOf(tenant)
    const shown = await tenant.call('GET', `/v1/tenant/members/${tenant.ids.member}`)
    expect(JSON.stringify(shown.body)).toContain(tenant.ids.member)
    await tenant.call('DELETE', `/v1/tenant/members/${tenant.ids.member}`)
    expect(await everythingOf(tenant)).not.toBe(before)
    expect((await tablesOfTenants()).length).toBeGreaterThan(15)
  })
})
