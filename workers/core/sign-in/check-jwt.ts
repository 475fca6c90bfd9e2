import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'

/** `expired`: it was signed by this key, and was good once. That is nobody who guesses. */
export type CheckedJwt = { kind: 'good'; claims: JWTPayload } | { kind: 'expired' } | { kind: 'bad' }

/** Checks a JWT by a key, or by the set that has it. Its signature first: of a forged one nothing else is said. */
export async function checkJwt(
  text: string,
  key: Uint8Array | JWTVerifyGetKey,
  rules: JWTVerifyOptions,
): Promise<CheckedJwt> {
  try {
    const keys = typeof key === 'function' ? key : () => key
    return { kind: 'good', claims: (await jwtVerify(text, keys, rules)).payload }
  } catch (thrown) {
    return { kind: thrown instanceof errors.JWTExpired ? 'expired' : 'bad' }
  }
}
