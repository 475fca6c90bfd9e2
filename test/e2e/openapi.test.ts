import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

describe('the OpenAPI document of a running server', () => {
  it('is valid by the schema of OpenAPI 3.1', async ({ expect }) => {
    const validator = new Validator()
    const served = await fetch(`${weir.baseUrl}/openapi.json`)
    expect(await validator.validate((await served.json()) as Record<string, unknown>)).toMatchObject({ valid: true })
    expect(validator.version).toBe('3.1')
  })
})
