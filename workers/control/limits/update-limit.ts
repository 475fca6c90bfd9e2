import { z } from 'zod'
import { LimitUpdate } from '../../contracts/limit-input.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { changeLimit, limitPath } from './change-limit.ts'
import { checkDistinct } from './check-distinct.ts'
import { partOf, resizeLimit } from './edit-limit.ts'
import { readSize } from './read-size.ts'
import { setBehaviour } from './set-behaviour.ts'
import { showLimit } from './show-limits.ts'

/** `PUT /v1/limits/:id`: changes what the body names, and nothing else. The limit keeps its id. */
export async function updateLimit(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: LimitUpdate, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const path = limitPath(c)
  await changeLimit(
    path,
    {
      verb: 'update',
      change: (rows, limit, current) => {
        const size = readSize(limit.unit, input, current)
        const resized = resizeLimit(rows, partOf(limit), { ...size, nowMs: ports.nowMs() })
        const next = setBehaviour(resized, partOf(limit), input)
        checkDistinct(next)
        return next
      },
    },
    ports,
  )
  const { data, etag } = await showLimit(path, ports)
  return c.json({ data }, 200, { etag })
}
