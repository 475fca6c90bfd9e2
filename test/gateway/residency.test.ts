import { describe, it } from 'vitest'
import { toGatewayError } from '../../workers/errors/gateway-error.ts'
import { type Area, checkResidency, readResidency, residencyRefusal } from '../../workers/gateway/residency.ts'

const AREAS: (Area | undefined)[] = ['eu', 'us', undefined]
const JURISDICTIONS = ['none', 'eu', 'us'] as const
const RESIDENCIES = ['eu', 'us', 'EU', 'europe-west4', '', undefined]

describe('x-residency', () => {
  it.for([
    [undefined, undefined],
    ['eu', 'eu'],
    [' US ', 'us'],
  ] as const)('%j is read as %j', ([sent, area], { expect }) => {
    expect(readResidency(new Headers(sent === undefined ? {} : { 'x-residency': sent }))).toBe(area)
  })

  it.for(['', 'ch', 'eu,us', 'none', 'europe-west4', 'e u'])(
    '%j is refused, never taken for no wish',
    (sent, { expect }) => {
      let refused: unknown
      try {
        readResidency(new Headers({ 'x-residency': sent }))
      } catch (thrown) {
        refused = thrown
      }
      expect(toGatewayError(refused)).toMatchObject({ code: 'header_invalid', extras: { param: 'x-residency' } })
    },
  )
})

describe('a request that is to stay in an area', () => {
  it('is served only where deployment and provider both keep to it', ({ expect }) => {
    const rows = AREAS.flatMap(wanted =>
      JURISDICTIONS.flatMap(jurisdiction => RESIDENCIES.map(residency => ({ wanted, jurisdiction, residency }))),
    )
    for (const { wanted, jurisdiction, residency } of rows) {
      const provider = { name: 'p', ...(residency !== undefined && { residency }) }
      const isKept = jurisdiction === wanted && residency?.toLowerCase() === wanted
      expect(checkResidency({ wanted, jurisdiction, provider }).ok).toBe(wanted === undefined || isKept)
    }
  })

  it('is told which deployment to use, before anything is said of a provider', ({ expect }) => {
    for (const jurisdiction of ['none', 'us'] as const) {
      const check = checkResidency({ wanted: 'eu', jurisdiction, provider: { name: 'p' } })
      expect(check.ok ? '' : check.detail).toContain("the deployment whose JURISDICTION is 'eu'")
      expect(check.ok ? '' : check.detail).not.toContain('Provider')
    }
  })

  it('is told which provider does not keep to it', ({ expect }) => {
    const details = [{ name: 'openai' }, { name: 'vertex', residency: 'us' }].map(provider => {
      const check = checkResidency({ wanted: 'eu', jurisdiction: 'eu', provider })
      return check.ok ? '' : check.detail
    })
    expect(details[0]).toMatch(/'openai' promises no area.*'eu'/)
    expect(details[1]).toMatch(/'vertex' keeps to 'us'.*'eu'/)
  })

  it('is refused as one that may not be served', ({ expect }) => {
    const error = residencyRefusal('why')
    expect([error.code, error.spec.status, error.canRetry, error.detail]).toEqual([
      'residency_unavailable',
      403,
      false,
      'why',
    ])
  })
})
