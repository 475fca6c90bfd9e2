import type { Access, AccessSettings } from './port.ts'
import type { OwnAccount, Vendor } from './vendors.ts'

/** A deployment's secrets and settings by the names of their variables. */
export type Variables = Record<string, string | undefined>

// Trimmed, since a secret piped in from a file ends in a newline, which no header may hold.
function setTo(variables: Variables, name: string): string | undefined {
  return variables[name]?.trim() || undefined
}

function settingsOf({ settingVars = {} }: OwnAccount, variables: Variables): AccessSettings {
  const named = Object.entries(settingVars).map(([name, variable]) => [name, setTo(variables, variable)] as const)
  return Object.fromEntries(named.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/**
 * What opens a deployment's own account of a vendor; `undefined` where something that it needs is not set. Of two kinds of keys
 * the one that is rather taken.
 */
export function ownAccount(vendor: Vendor, variables: Variables): Access | undefined {
  const baseUrl = setTo(variables, vendor.baseUrlVar) ?? vendor.baseUrl
  for (const account of [vendor.rather, vendor]) {
    if (!account) continue
    const secret = setTo(variables, account.keyVar) ?? ''
    const settings = settingsOf(account, variables)
    const given: Variables = { ...settings, key: secret, baseUrl }
    if ((account.needs ?? ['key']).every(need => given[need])) return { secret, settings, baseUrl }
  }
  return undefined
}

/** The names of all variables that a vendor reads. */
export function variablesOf(vendor: Vendor): string[] {
  const accounts = [vendor, ...(vendor.rather ? [vendor.rather] : [])]
  const named = accounts.flatMap(({ keyVar, settingVars = {} }) => [keyVar, ...Object.values(settingVars)])
  return [...new Set([...named, vendor.baseUrlVar])]
}
