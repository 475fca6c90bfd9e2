import type { UnitCounts } from '../../core/pricing/index.ts'

/** The most that the tools which a provider runs itself can add to a request. */
export type ToolBounds = { units?: UnitCounts; rounds?: number }

/** A tool that is used so often at most; `unit`: what each use is billed as, where it is. */
export type BoundedTool = { uses: number; unit?: 'web_searches' | 'file_searches' | undefined }

/** What such tools can come to together; nothing where there are none. */
export function toolBounds(tools: BoundedTool[]): ToolBounds {
  if (tools.length === 0) return {}
  const units: UnitCounts = {}
  for (const { uses, unit } of tools) if (unit) units[unit] = (units[unit] ?? 0) + uses
  return { units, rounds: tools.reduce((sum, { uses }) => sum + uses, 0) }
}
