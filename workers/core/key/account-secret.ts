/** What opens an account, before it is sealed: its secret, and the settings that are as secret. */
export type AccountSecret = { secret: string; settings?: Record<string, string> }

const REFERENCE = /^env\.([A-Za-z_][A-Za-z0-9_]*)$/

/** The variable of the deployment that a text such as `env.OPENAI_API_KEY` names. */
export function referredTo(text: string): string | undefined {
  return REFERENCE.exec(text)?.[1]
}

/** An account's secret as text, to be sealed. */
export function writeSecret(secret: AccountSecret): string {
  return JSON.stringify(secret)
}

/** The same, read again: only what `writeSecret` wrote is ever sealed. */
export function readSecret(text: string): AccountSecret {
  return JSON.parse(text)
}
