import { inspect } from 'node:util'
import type { Json } from './object.ts'
import { ACTING, type Action, type FieldChange, type Step } from './plan.ts'

const SIGNS: Record<Action, string> = {
  create: '+',
  update: '~',
  delete: '-',
  adopt: '=',
  none: ' ',
  drifted: '!',
  conflict: '!',
  left: '?',
}

const WORDS: Partial<Record<Action, string>> = {
  adopt: 'is as the file says, which is written down',
  drifted: 'was changed by the API and stays so (--take-file makes it what the file says)',
  left: 'is not in the file any more and stays (--prune deletes it)',
}

const MAX_CHARS = 400

function shown(value: Json | undefined): string {
  if (value === undefined) return '(default)'
  const text = inspect(value, { depth: 9, breakLength: Number.POSITIVE_INFINITY })
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)} ...` : text
}

function fieldLine({ field, from, to }: FieldChange): string {
  return `      ${field}: ${shown(from)} -> ${shown(to)}`
}

/** What a step is of: `virtual_key checkout`. */
export function titleOf({ declared, live }: Step): string {
  const one = declared ?? live
  return `${one?.kind} ${one?.name}`
}

/** A step in words, with the fields that differ. Secrets are masked in them. */
export function describeStep(step: Step): string[] {
  const { action, changes, reason } = step
  const words =
    action === 'conflict' ? `is not changed: ${reason} (--take-file makes it what the file says)` : WORDS[action]
  const head = `  ${SIGNS[action]} ${titleOf(step)}${words ? ` ${words}` : ''}`
  const isLong = action === 'update' || action === 'drifted' || action === 'conflict'
  return [head, ...(isLong ? changes.map(fieldLine) : [])]
}

/** How many steps there are of each action. */
export function countsOf(steps: Step[]): Record<Action, number> {
  const counts = { create: 0, update: 0, delete: 0, adopt: 0, none: 0, drifted: 0, conflict: 0, left: 0 }
  for (const { action } of steps) counts[action] += 1
  return counts
}

/** Whether a plan would change anything. */
export function hasChanges(steps: Step[]): boolean {
  return steps.some(({ action }) => ACTING.includes(action))
}

function totals(steps: Step[]): string {
  const { create, update, adopt, none, drifted, conflict, left, delete: gone } = countsOf(steps)
  const acting = `${create} to create, ${update} to change, ${gone} to delete, ${adopt} to take over, ${none} unchanged`
  return [
    acting,
    drifted && `${drifted} changed by the API`,
    conflict && `${conflict} in conflict`,
    left && `${left} left`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** A whole plan in words. */
export function describePlan(steps: Step[]): string {
  const lines = steps.filter(({ action }) => action !== 'none').flatMap(describeStep)
  return [...lines, `Plan: ${totals(steps)}.`].join('\n')
}

/** What a file and an instance differ in, also where nothing would be done about it. */
export function describeDifference(steps: Step[], untold: string[]): string {
  const differ = steps.filter(({ action }) => !['none', 'adopt'].includes(action))
  const lines = differ.flatMap(step => {
    const { action, changes } = step
    if (action === 'create') return [`+ ${titleOf(step)}`]
    if (action === 'left' || action === 'delete') return [`- ${titleOf(step)}`]
    return changes.flatMap(({ field, from, to }) => [
      `- ${titleOf(step)} ${field}: ${shown(from)}`,
      `+ ${titleOf(step)} ${field}: ${shown(to)}`,
    ])
  })
  const all = [...lines, ...untold.map(name => `- ${name}`)]
  return all.length > 0 ? all.join('\n') : 'No differences.'
}
