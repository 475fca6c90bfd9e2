import { z } from 'zod'
import { LoginInput } from '../../contracts/auth-input.ts'
import { normalEmail } from '../../core/sign-in/email.ts'
import { hashPassword, isCostOf, isPasswordOf } from '../../core/sign-in/password.ts'
import { findUserByEmail } from '../../db/find-user.ts'
import { guarded } from '../access/guard-attempts.ts'
import { signInRefused } from '../access/unauthorized.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { openSession, type SignedIn } from './open-session.ts'
import { takeLogin } from './take-login.ts'

// Everything is read and hashed before anything is judged: no answer comes sooner for what is wrong with it.
async function check(input: LoginInput, ports: ActingPorts): Promise<SignedIn> {
  const found = await findUserByEmail(ports.db, normalEmail(input.email) ?? '')
  const isRight = isPasswordOf(found?.user.passwordHash, input.password, ports.signIn.passwordCost)
  const member = found?.members.find(({ tenantId }) => !input.tenant_id || tenantId === input.tenant_id)
  if (!isRight || !found || !member || found.user.disabledMs !== null) throw signInRefused()
  return { user: found.user, member }
}

function rehash({ user }: SignedIn, password: string, { signIn }: ActingPorts): string | undefined {
  return isCostOf(user.passwordHash ?? '', signIn.passwordCost)
    ? undefined
    : hashPassword(password, signIn.passwordCost)
}

/** `POST /v1/auth/login`. Throws `sign_in_refused` in the same words for whatever is wrong, and `attempts_limited`. */
export async function logIn(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: LoginInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  await takeLogin(c.req.raw, ports)
  const signedIn = await guarded(c.req.raw, ports, () => check(input, ports))
  return c.json(await openSession(signedIn, rehash(signedIn, input.password, ports), ports))
}
