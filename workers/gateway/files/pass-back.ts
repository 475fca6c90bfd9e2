import { asRecord } from '../../formats/as-record.ts'

/** What is passed back of the provider's headers. */
const PASSED = ['content-type', 'content-disposition', 'retry-after']

function passed(headers: Headers): Record<string, string> {
  return Object.fromEntries(PASSED.flatMap(name => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])))
}

/** An answer as it is, its bytes as they come. */
export function passBack({ status, headers, body }: Response): Response {
  return new Response(body, { status, headers: passed(headers) })
}

/** An answer in JSON with some of its members changed; a failure as it is. */
export async function passBackWith(
  answer: Response,
  change: (said: Record<string, unknown>) => Record<string, unknown>,
): Promise<Response> {
  if (!answer.ok) return passBack(answer)
  const said = asRecord(await answer.json())
  return Response.json({ ...said, ...change(said) }, { status: answer.status, headers: passed(answer.headers) })
}
