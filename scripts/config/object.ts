import { createHash } from 'node:crypto'
import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import type { Path } from './problem.ts'

/** A value of a spec. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** An object as a file says it, without what is the default: two that mean the same are the same. */
export type Spec = { [name: string]: Json }

/** Another object that one names, and where. */
export type Reference = { kind: ConfigKind; name: string; path: Path }

/** Secrets that an object is made with, by the names of the API; what a spec says of them is masked. */
export type Secrets = { [name: string]: string }

/** An object that the file declares. `name`: what it is known by, within its kind. */
export type Declared = {
  kind: ConfigKind
  name: string
  spec: Spec
  path: Path
  refs: Reference[]
  secrets?: Secrets
}

/** An object that the instance has. `hash`: of what a file last made of it. */
export type Live = { kind: ConfigKind; name: string; id: string; spec: Spec; hash: string | null }

/** What is left as it is where the file says nothing of it, since it has no way back or is nobody's default. */
const OPTIONAL: Partial<Record<ConfigKind, readonly string[] | 'all'>> = { virtual_key: ['meter'], tenant: 'all' }

/** What a live object shows of what the file has a say in. */
export function inView({ kind, spec }: Pick<Live, 'kind' | 'spec'>, declared: Spec): Spec {
  const optional = OPTIONAL[kind]
  const isSeen = (name: string) => name in declared || (optional !== 'all' && !optional?.includes(name))
  return Object.fromEntries(Object.entries(spec).filter(([name]) => isSeen(name)))
}

/** A value with the names of its objects in their order: what is the same has the same text. */
export function stable(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map(name => `${JSON.stringify(name)}:${stable(value[name] ?? null)}`).join(',')}}`
}

/** The `config_hash` of a spec. Fields that are added to files later change it only where they are used. */
export function hashOf(kind: ConfigKind, spec: Spec): string {
  return createHash('sha256')
    .update(`weir ${kind} ${stable(spec)}`)
    .digest('hex')
}

type Loose = { [name: string]: Json | undefined }

/** A spec without what is absent, and without what is the default. */
export function tidy(fields: Loose, defaults: Loose = {}): Spec {
  const isSaid = ([name, value]: [string, Json | undefined]) => {
    if (value === undefined || value === null) return false
    return !(name in defaults) || stable(defaults[name] ?? null) !== stable(value)
  }
  return Object.fromEntries(Object.entries(fields).filter(isSaid)) as Spec
}

/** Whether an object or a list has nothing in it; such a one is as good as absent. */
export function orNone<T extends Spec | Json[]>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined
}
