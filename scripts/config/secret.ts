import { maskSecret } from '../../workers/control/provider-keys/mask-secret.ts'
import type { Path, Problem } from './problem.ts'

const HERE = 'env.'
const THERE = 'deployment.env.'

/** How a secret is written that the API shows: its mask, or the variable of the deployment that it is in. */
export function secretText(shown: string): string {
  return shown.startsWith(HERE) ? THERE + shown.slice(HERE.length) : shown
}

/** Where secrets come from: the environment of the command, and whether they may be in the file itself. */
export type SecretSource = { env: Record<string, string | undefined>; allowLiterals: boolean }

/** A secret as the API takes it and as it shows it; or what is wrong with it. */
export type SecretRead = { sent: string; shown: string } | { problem: string }

/** Reads a secret as a file says it. A reference to the deployment's own variable is sent as one, all else as it is. */
export function readSecret(text: string, { env, allowLiterals }: SecretSource): SecretRead {
  if (text.startsWith(THERE)) return { sent: HERE + text.slice(THERE.length), shown: text }
  if (text.startsWith(HERE)) {
    const name = text.slice(HERE.length)
    const value = env[name]?.trim()
    if (value) return { sent: value, shown: maskSecret(value) }
    return {
      problem: `names the variable ${name}, which is not set here: set it, or write ${THERE}${name} if the deployment lends it`,
    }
  }
  if (text === '' || allowLiterals) return { sent: text.trim(), shown: maskSecret(text.trim()) }
  return { problem: 'is a secret in the file itself: write env.NAME, or allow it with --allow-literal-secrets' }
}

/** Gathers what is wrong with secrets while they are read. */
export function secretReader(source: SecretSource) {
  const problems: Problem[] = []
  const read = (text: string | undefined, path: Path) => {
    if (text === undefined) return undefined
    const secret = readSecret(text, source)
    if (!('problem' in secret)) return secret
    problems.push({ path, message: secret.problem })
    return undefined
  }
  return { read, problems }
}
