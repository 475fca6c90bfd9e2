import { PATHS } from './body.ts'
import type { Instance } from './connect.ts'
import { hashOf, type Live } from './object.ts'
import type { Step } from './plan.ts'
import { placeOfRule } from './plan-checks.ts'

/**
 * Makes room for rules: two of one scope cannot have the same priority, not even for a moment. Who holds it, and will move
 * later, is moved out of the way.
 */
export class RuleRoom {
  readonly #instance: Instance
  readonly #holders: Map<string, Live>
  #spare: number

  constructor({ instance, live, steps }: { instance: Instance; live: Live[]; steps: Step[] }) {
    const gone = new Set(steps.flatMap(({ action, live: one }) => (action === 'delete' && one ? [one.id] : [])))
    const rules = live.filter(({ kind, id }) => kind === 'routing_rule' && !gone.has(id))
    const specs = [
      ...rules.map(({ spec }) => spec),
      ...steps.flatMap(({ declared }) => (declared ? [declared.spec] : [])),
    ]
    this.#instance = instance
    this.#holders = new Map(rules.map(one => [placeOfRule(one.spec), one]))
    this.#spare = Math.max(0, ...specs.map(spec => Number(spec.priority ?? 0)))
  }

  async makeFor({ declared, live: own }: Step): Promise<void> {
    if (declared?.kind !== 'routing_rule') return
    const place = placeOfRule(declared.spec)
    const holder = this.#holders.get(place)
    if (own) this.#forget(own)
    if (holder && holder.id !== own?.id) await this.#move(holder)
    if (own) this.#holders.set(place, own)
  }

  #forget(rule: Live): void {
    for (const [place, holder] of this.#holders) if (holder.id === rule.id) this.#holders.delete(place)
  }

  // As the file's own doing, so that a command which ends here can be run again.
  async #move(holder: Live): Promise<void> {
    this.#spare += 1
    const hash = hashOf('routing_rule', { ...holder.spec, priority: this.#spare })
    const body = { priority: this.#spare }
    await this.#instance.change({ method: 'PUT', path: PATHS.routing_rule.one(holder.id), body, hash })
    this.#forget(holder)
  }
}
