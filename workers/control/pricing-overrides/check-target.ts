import { OVERRIDE_SCOPES, type OverrideScope } from '../../core/pricing/price-override.ts'
import type { OverrideRow } from '../../db/override-record.ts'
import { invalid } from '../governance/invalid.ts'

/** The ids that an override's scope is named by; `null` where one is not named. */
export type OverrideIds = Pick<OverrideRow, 'virtualKeyId' | 'providerId' | 'providerKeyId'>

/** The ids that a scope needs, and what is said where one of them is missing, and where there is another one (contract 1.8). */
const RULES: Record<OverrideScope, { needs: (keyof OverrideIds)[]; missing: string; extra: string }> = {
  global: { needs: [], missing: '', extra: 'global scope_kind must not include scope identifiers' },
  provider: {
    needs: ['providerId'],
    missing: 'provider_id is required for provider scope_kind',
    extra: 'provider scope_kind only supports provider_id',
  },
  provider_key: {
    needs: ['providerKeyId'],
    missing: 'provider_key_id is required for provider_key scope_kind',
    extra: 'provider_key scope_kind only supports provider_key_id',
  },
  virtual_key: {
    needs: ['virtualKeyId'],
    missing: 'virtual_key_id is required for virtual_key scope_kind',
    extra: 'virtual_key scope_kind only supports virtual_key_id',
  },
  virtual_key_provider: {
    needs: ['virtualKeyId', 'providerId'],
    missing: 'virtual_key_id and provider_id are required for virtual_key_provider scope_kind',
    extra: 'virtual_key_provider scope_kind does not support provider_key_id',
  },
  virtual_key_provider_key: {
    needs: ['virtualKeyId', 'providerId', 'providerKeyId'],
    missing: 'virtual_key_id, provider_id, and provider_key_id are required for virtual_key_provider_key scope_kind',
    extra: '',
  },
}

/** The scope that a body names with these ids. Throws `request_invalid` in the contract's words. */
export function checkScope(asked: string, ids: OverrideIds): OverrideScope {
  const kind = OVERRIDE_SCOPES.find(scope => scope === asked)
  if (kind === undefined) throw invalid(`unsupported scope_kind "${asked}"`)
  const { needs, missing, extra } = RULES[kind]
  if (needs.some(name => ids[name] === null)) throw invalid(missing)
  const names = ['virtualKeyId', 'providerId', 'providerKeyId'] as const
  if (names.some(name => ids[name] !== null && !needs.includes(name))) throw invalid(extra)
  return kind
}

function patternFlaw(matchType: OverrideRow['matchType'], pattern: string): string | undefined {
  const stars = pattern.split('*').length - 1
  if (matchType === 'exact') return stars > 0 ? 'exact match pattern must not contain wildcards' : undefined
  if (!pattern.endsWith('*')) return 'wildcard pattern must end with *'
  return stars > 1 ? 'wildcard pattern must contain exactly one trailing *' : undefined
}

/** The models that a body names. Throws `request_invalid` in the contract's words. */
export function checkPattern(asked: string, pattern: string): Pick<OverrideRow, 'matchType' | 'pattern'> {
  if (pattern === '') throw invalid('pattern is required')
  const matchType = (['exact', 'wildcard'] as const).find(type => type === asked)
  if (matchType === undefined) throw invalid(`unsupported match_type "${asked}"`)
  const flaw = patternFlaw(matchType, pattern)
  if (flaw) throw invalid(flaw)
  return { matchType, pattern }
}
