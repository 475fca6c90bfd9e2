import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, it } from 'vitest'
import { runExport } from '../../workers/accounting/exports/run-export.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import { EXPORT_FORMATS, type ExportFormat, type FocusVersion } from '../../workers/core/export/export-kind.ts'
import { chargesOf, groupKey, readGroupKey } from '../../workers/core/focus/charge.ts'
import type { CostDetail, UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { exportJob } from '../../workers/db/schema/exports.ts'
import { eventsHere } from '../shards/databases.ts'
import { fakePorts } from './fake-ports.ts'
import { countCalls, mortalPorts } from './killed.ts'
import { makeEvent } from './make-event.ts'

const START = Date.UTC(2026, 10, 1)
const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 20, 12)
const db = openDatabase(env.DB)

type Row = Record<string, string>

async function tenantWith(events: Partial<UsageEvent>[]): Promise<TenantId> {
  const id = crypto.randomUUID() as TenantId
  await env.DB.prepare("INSERT INTO tenant (id, name, display_name, created_ms) VALUES (?1, ?1, 'Acme', 1)")
    .bind(id)
    .run()
  const made = events.map((fields, index) => makeEvent(START + index, { ...fields, tenant_id: id }))
  await insertEvents(eventsHere(), { tenantId: id, events: made })
  return id
}

async function ask(tenantId: TenantId, format: ExportFormat = 'csv', focusVersion: FocusVersion = '1.4') {
  const id = crypto.randomUUID()
  const counts = { parts: 0, rowCount: 0, events: 0, bytes: 0, costNano: 0, attempts: 0, restarts: 0 }
  await db.insert(exportJob).values({
    ...{
      tenantId,
      id,
      dataset: 'focus',
      format,
      focusVersion,
      status: 'queued',
      phase: 'gather',
      cursor: '',
      carry: '',
    },
    ...{ query: { startMs: START, endMs: NOW, filter: {} }, objectKey: `exports/${tenantId}/${id}`, ...counts },
    ...{ leaseOwner: '', leaseUntilMs: 0, createdBy: 'user:u', createdMs: NOW, updatedMs: NOW },
  })
  return { tenantId, id }
}

async function fileOf({ tenantId, id }: { tenantId: TenantId; id: string }): Promise<string> {
  const object = await env.ARCHIVE.get(`exports/${tenantId}/${id}`)
  return object ? object.text() : 'no file'
}

async function exported(tenantId: TenantId, format?: ExportFormat, version?: FocusVersion): Promise<string> {
  const job = await ask(tenantId, format, version)
  await runExport(job, fakePorts().ports)
  return fileOf(job)
}

function rowsOf(csv: string): Row[] {
  const { data, errors } = Papa.parse<Row>(csv, { header: true, skipEmptyLines: true })
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return data
}

/** A decimal as whole pico-dollars of a billionth: exact, and not by our own code. */
function exact(text: string | undefined): bigint {
  const [whole = '0', fraction = ''] = (text ?? '').replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(21, '0'))
  return text?.startsWith('-') ? -value : value
}
const sumOf = (rows: Row[], column: string) => rows.reduce((sum, row) => sum + exact(row[column]), 0n)

const detail = (lines: CostDetail['lines'], more: Partial<CostDetail> = {}): CostDetail => ({
  ...{ tier: 'standard', above: null, source: 'pricebook', lines },
  ...more,
})
const costOf = ({ lines }: CostDetail) =>
  Number((lines.reduce((sum, [, n, pico]) => sum + BigInt(n) * BigInt(pico), 0n) + 999n) / 1000n)
const charged = (cost_detail: CostDetail, fields: Partial<UsageEvent> = {}): Partial<UsageEvent> => ({
  ...{ cost_detail, cost_nano: costOf(cost_detail), ...fields },
})

const unit = fc.constantFrom('input', 'cached_input', 'cache_write', 'output', 'reasoning', 'web_searches', 'images')
const line = fc.tuple(unit, fc.integer({ min: 1, max: 3_000_000 }), fc.integer({ min: 1, max: 75_000_001 }))
const someEvent: fc.Arbitrary<Partial<UsageEvent>> = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom('ok', 'assumed', 'old'),
    team: fc.constantFrom(null, 'blue', '=1+1'),
    tags: fc.constantFrom({}, { environment: 'prod' }, { b: '1', a: '2' }, { a: '2', b: '1' }),
    day: fc.integer({ min: 0, max: 2 }),
    model: fc.constantFrom('gpt-4o-mini', 'claude-sonnet-4'),
    extra: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ lines, kind, team, tags, day, model, extra }) => {
    const cost_detail = kind === 'ok' ? detail(lines) : null
    const cost_nano = costOf(detail(lines)) + (kind === 'ok' ? 0 : extra)
    const { id, timestamp_ms } = makeEvent(START + day * DAY + extra)
    const outcome = kind === 'assumed' ? ('assumed' as const) : ('ok' as const)
    return { id, timestamp_ms, cost_detail, cost_nano, outcome, team, tags, model }
  })

// Source: FOCUS 1.2 and 1.4, Cost and Usage, columns whose feature level is Mandatory.
const MANDATORY = [
  ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingCurrency', 'BillingPeriodEnd'],
  ...['BillingPeriodStart', 'ChargeCategory', 'ChargeClass', 'ChargeDescription', 'ChargePeriodEnd'],
  ...['ChargePeriodStart', 'ContractedCost', 'EffectiveCost', 'InvoiceIssuerName', 'ListCost', 'PricingQuantity'],
  ...['PricingUnit', 'ServiceCategory', 'ServiceName'],
]
const PARTIES = { '1.2': ['ProviderName', 'PublisherName'], '1.4': ['ServiceProviderName', 'HostProviderName'] }
const FOCUS_ONLY = [
  ...['ChargeFrequency', 'InvoiceId', 'ServiceSubcategory', 'ConsumedQuantity', 'ConsumedUnit', 'ListUnitPrice'],
  ...['ContractedUnitPrice', 'PricingCategory', 'SkuId', 'SkuMeter', 'SkuPriceId', 'SkuPriceDetails'],
  ...['SubAccountId', 'SubAccountName', 'Tags'],
]

describe('an export in the columns of FOCUS', () => {
  it('bills what the events cost, to the pico-dollar, and each row its price times its quantity', {
    timeout: 60_000,
  }, async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(someEvent, { minLength: 1, maxLength: 25 }), async events => {
        const rows = rowsOf(await exported(await tenantWith(events)))
        const ledger = events.reduce((sum, event) => sum + BigInt(event.cost_nano ?? 0), 0n)
        for (const column of ['BilledCost', 'EffectiveCost', 'ContractedCost'])
          expect([column, sumOf(rows, column)]).toEqual([column, ledger * 10n ** 12n])
        for (const row of rows.filter(({ ChargeCategory }) => ChargeCategory === 'Usage')) {
          for (const [cost, price] of [
            ['ListCost', 'ListUnitPrice'],
            ['ContractedCost', 'ContractedUnitPrice'],
          ] as const)
            expect(exact(row[cost]) * 10n ** 21n).toBe(exact(row[price]) * exact(row.PricingQuantity))
          expect(Number(row.ListCost)).toBeCloseTo(Number(row.ListUnitPrice) * Number(row.PricingQuantity), 12)
          expect([row.PricingUnit, row.ConsumedUnit]).not.toContain('')
        }
        const keys = rows.map(row =>
          JSON.stringify([
            row.ChargePeriodStart,
            row.SkuPriceId,
            row.Tags,
            row.SubAccountId,
            row.x_ChargeKind,
            row.x_Model,
            row.ListUnitPrice,
          ]),
        )
        expect(new Set(keys).size).toBe(rows.length)
      }),
      { numRuns: 6 },
    )
  })

  it.for(['1.2', '1.4'] as const)('has every column of %s, and others only under x_', async (version, { expect }) => {
    const events = [charged(detail([['input', 1_500_000, 1_250_000]])), { outcome: 'assumed' as const }]
    const rows = rowsOf(await exported(await tenantWith(events), 'csv', version))
    const names = Object.keys(rows[0] ?? {})
    const standard = [...MANDATORY, ...PARTIES[version], ...FOCUS_ONLY]
    expect(names.filter(name => !name.startsWith('x_')).sort()).toEqual(standard.sort())
    const never = [...MANDATORY, ...PARTIES[version]].filter(name => !/^(ChargeClass|Pricing)/.test(name))
    for (const row of rows) expect(never.filter(name => row[name] === '')).toEqual([])
  })

  it('says of a kind of tokens what the standard asks', async ({ expect }) => {
    const cost_detail = detail([['cached_input', 1_500_000, 1_250_001]], { tier: 'flex', above: 272_000 })
    const fields = { team: 'blue', feature: 'chat', tags: { environment: 'prod' }, model: 'gpt-5' }
    const tenantId = await tenantWith([charged(cost_detail, fields), charged(cost_detail, fields)])
    const [row] = rowsOf(await exported(tenantId)).filter(one => one.ChargeCategory === 'Usage')
    expect(row).toMatchObject({
      ...{ BilledCost: '3.750003', ListCost: '3.750003', ListUnitPrice: '1.250001', BillingCurrency: 'USD' },
      ...{ PricingQuantity: '3', PricingUnit: '1000000 Tokens', ConsumedQuantity: '3000000', ConsumedUnit: 'Tokens' },
      ...{ BillingPeriodStart: '2026-11-01T00:00:00Z', BillingPeriodEnd: '2026-12-01T00:00:00Z' },
      ...{ ChargePeriodStart: '2026-11-01T00:00:00Z', ChargePeriodEnd: '2026-11-02T00:00:00Z' },
      ...{ ChargeCategory: 'Usage', ChargeClass: '', ChargeFrequency: 'Usage-Based', PricingCategory: 'Standard' },
      ...{ ServiceCategory: 'AI and Machine Learning', ServiceSubcategory: 'Generative AI', ServiceName: 'OpenAI API' },
      ...{ BillingAccountId: tenantId, BillingAccountName: 'Acme', SubAccountId: 'blue', InvoiceIssuerName: 'OpenAI' },
      ...{
        SkuId: 'openai/gpt-4o-mini/cached_input',
        SkuMeter: 'Cached Input Tokens',
        InvoiceId: 'provisional-2026-11',
      },
      SkuPriceId: 'openai/gpt-4o-mini/cached_input/flex/>272000/2026-11-01',
      Tags: '{"feature":"chat","environment":"prod"}',
      ...{ x_TokenDirection: 'Input', x_TokenCacheAction: 'Read', x_ServiceTier: 'flex', x_AboveInputTokens: '272000' },
    })
  })

  it('lists the public price beside what the tenant pays by an override', async ({ expect }) => {
    const cost_detail = detail([['input', 1_000_000, 100_000]], { source: 'override:o1' })
    const rows = rowsOf(await exported(await tenantWith([charged(cost_detail)])))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      ListUnitPrice: '0.15',
      ContractedUnitPrice: '0.1',
      ListCost: '0.15',
      BilledCost: '0.1',
    })
  })

  it('is the same in every format, and in JSON its numbers are numbers', async ({ expect }) => {
    const events = [charged(detail([['output', 7, 600_001]]), { team: '=HYPERLINK("x")', tags: { a: 'b' } })]
    const tenantId = await tenantWith(events)
    const [csv = '', json = '', ndjson = ''] = await Promise.all(
      EXPORT_FORMATS.map(format => exported(tenantId, format)),
    )
    const objects = JSON.parse(json)
    expect(
      ndjson
        .trim()
        .split('\n')
        .map(text => JSON.parse(text)),
    ).toEqual(objects)
    const shown = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
    const asText = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? '' : shown(value)]))
    // JSON has numbers as JavaScript writes them, CSV in all their digits.
    const asNumber = (text: string) =>
      /^-?[\d.]+(e-\d+)?$/.test(text) ? String(Number(text)) : text.replace(/^'=/, '=')
    const read = rowsOf(csv).map(row => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, asNumber(v)])))
    expect(read).toEqual(objects.map(asText))
    expect(csv).toContain(`"'=HYPERLINK(""x"")"`)
    expect(typeof objects[0].BilledCost).toBe('number')
    expect(objects[0].Tags).toEqual({ a: 'b' })
  })

  it('has nothing that a spreadsheet runs, in any column, and its sums are still the ledger’s', async ({ expect }) => {
    const bad = ['=', '+', '-', '@', '\t', '\r', '\n', "'="].map(
      first => `${first}HYPERLINK("http://x","y")|' /C calc'!A0`,
    )
    const events = bad.map(text =>
      charged(detail([['output', 7, 600_001]], { source: `override:${text}` }), {
        ...{
          team: text,
          feature: text,
          agent_name: text,
          provider: text,
          model: text,
          priced_model: `${text}/${text}`,
        },
        ...{ service_tier: text, pricebook_version: text, tags: { [text]: text } },
      }),
    )
    const tenantId = await tenantWith(events)
    await env.DB.prepare("UPDATE tenant SET display_name = '=1+1' WHERE id = ?1").bind(tenantId).run()
    const csv = await exported(tenantId)
    const { data, errors } = Papa.parse<string[]>(csv, { delimiter: ',', newline: '\r\n', skipEmptyLines: true })
    expect([errors, data.length > bad.length]).toEqual([[], true])
    const running = data.flat().filter(cell => /^[=+\-@\t\r\n]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell))
    expect(running).toEqual([])
    const rows = rowsOf(csv)
    const costNano = events.reduce((sum, one) => sum + (one.cost_nano ?? 0), 0)
    expect(sumOf(rows, 'BilledCost')).toBe(BigInt(costNano) * 10n ** 12n)
    const teams = new Set(rows.map(row => row.SubAccountId?.replace(/^'/, '')))
    expect(teams).toEqual(new Set(bad))
    expect(new Set(rows.map(row => row.BillingAccountName))).toEqual(new Set(["'=1+1"]))
  })

  it('is the same file wherever its runner is killed', { timeout: 60_000 }, async ({ expect }) => {
    const events = [1, 2, 3].map(n => charged(detail([['input', n, 1_250_001]]), { tags: { n: String(n % 2) } }))
    const tenantId = await tenantWith(events)
    const whole = await ask(tenantId)
    const total = await countCalls(ports => runExport(whole, ports))
    const file = await fileOf(whole)
    expect(rowsOf(file)).toHaveLength(4)
    for (let atCall = 1; atCall <= total; atCall++) {
      const job = await ask(tenantId)
      await runExport(job, mortalPorts(atCall).ports).catch(() => undefined)
      for (const hours of [1, 2]) await runExport(job, fakePorts({ nowMs: () => NOW + hours * 3_600_000 }).ports)
      expect([atCall, await fileOf(job)]).toEqual([atCall, file])
    }
    const left = 'SELECT (SELECT count(*) FROM export_group) + (SELECT count(*) FROM export_part) AS n'
    expect(await env.DB.prepare(left).first('n')).toBe(0)
  })

  it('tells groups by a text that is read back as it was', ({ expect }) => {
    for (const { group } of chargesOf(makeEvent(START, charged(detail([['input', 5, 7]])))))
      expect(readGroupKey(groupKey(group))).toEqual(group)
  })
})
