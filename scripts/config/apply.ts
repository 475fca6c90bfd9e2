import { randomUUID } from 'node:crypto'
import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import { bodyOf, type Ids, PATHS } from './body.ts'
import { changeOf } from './change-of.ts'
import { type Answer, type Change, type Instance, Refused } from './connect.ts'
import type { KeyTexts } from './key-texts.ts'
import type { Live, Spec } from './object.ts'
import type { Step } from './plan.ts'
import { Refusal } from './problem.ts'
import { RuleRoom } from './rule-room.ts'
import { eachOf, type Stage } from './stages.ts'

const MARKS_AT_ONCE = 500
const PENDING = 'it is saved, and will be in force within a minute: run the same command again'

/** What is applied, where key texts go, and by whom it is told. */
export type Work = {
  instance: Instance
  tenantId: string
  live: Live[]
  steps: Step[]
  texts: KeyTexts | undefined
  /** Called after each step. */
  onStep(): void
  /** How a refusal of a step is told, with its line. */
  tell(step: Step, words: string): string
}

type Mark = { kind: ConfigKind; id: string; config_hash: string }
type Body = Answer['body']

/** What an answer says was made. */
function madeIn(body: Body): Body {
  const { virtual_key, team, customer, model_config, pricing_override, rule, data, client } = body
  if (client) return { id: client.config.client_id }
  return virtual_key ?? team ?? customer ?? model_config ?? pricing_override ?? rule ?? data ?? body
}

function adopted(steps: Step[]): Mark[] {
  return steps.flatMap(({ action, live, hash }) =>
    action === 'adopt' && live && hash ? [{ kind: live.kind, id: live.id, config_hash: hash }] : [],
  )
}

/** Applies a plan, stage after stage. What was done stays done: the same command goes on from there. */
export class Application {
  readonly #work: Work
  readonly #known: Map<string, string>
  readonly #marks: Mark[]
  readonly #done = new Set<Step>()
  readonly #room: RuleRoom
  readonly #ids: Ids = (kind, name) => this.#known.get(`${kind} ${name}`)

  constructor(work: Work) {
    this.#work = work
    this.#known = new Map(work.live.map(one => [`${one.kind} ${one.name}`, one.id]))
    this.#marks = adopted(work.steps)
    this.#room = new RuleRoom(work)
  }

  async run(stages: Stage[]): Promise<void> {
    await this.#recover()
    for (const { steps, width } of stages) await eachOf(steps, width, step => this.#told(step))
    await this.#writeMarks()
  }

  async #told(step: Step): Promise<void> {
    await this.#act(step).catch(thrown => {
      throw thrown instanceof Refused ? new Refusal(this.#work.tell(step, thrown.message)) : thrown
    })
  }

  async #act(step: Step): Promise<void> {
    const { action, declared } = step
    if (this.#done.has(step)) return
    await this.#room.makeFor(step)
    const isNew = action === 'create'
    if (isNew && declared?.kind === 'virtual_key') this.#work.texts?.begin(declared.name)
    const change = this.#withKeys(step, changeOf(step, { ids: this.#ids, tenantId: this.#work.tenantId }))
    const body = await this.#work.instance.change({ ...change, ...(isNew && { once: randomUUID() }) })
    if (isNew) await this.#learn(step, body)
    this.#work.onStep()
  }

  #newKeysOf(account: string): Step[] {
    const isOf = ({ action, declared }: Step) =>
      action === 'create' && declared?.kind === 'provider_key' && declared.spec.provider === account
    return this.#work.steps.filter(isOf)
  }

  // An account takes the place of the deployment's provider of its name at once: with its keys, or requests would be refused.
  #withKeys({ action, declared: account }: Step, change: Change): Change {
    if (action !== 'create' || account?.kind !== 'provider') return change
    const keys = this.#newKeysOf(account.name).flatMap(({ declared }) =>
      declared ? [bodyOf({ declared, ids: this.#ids, tenantId: this.#work.tenantId })] : [],
    )
    return { ...change, body: { ...(change.body as Spec), keys } }
  }

  async #learn({ declared }: Step, body: Body): Promise<void> {
    if (!declared) return
    if (body.pending) throw new Refused(503, PENDING)
    const made = madeIn(body)
    this.#known.set(`${declared.kind} ${declared.name}`, made.id ?? made.name)
    if (declared.kind === 'virtual_key') await this.#keepText(declared.name, made)
    if (declared.kind === 'provider') this.#learnKeys(declared.name, made)
  }

  #learnKeys(account: string, made: Body): void {
    for (const step of this.#newKeysOf(account)) {
      const { declared, hash } = step
      const id = made.keys?.find((key: Body) => key.name === declared?.spec.name)?.id
      if (!id || !declared || !hash) continue
      this.#known.set(`provider_key ${declared.name}`, id)
      this.#marks.push({ kind: 'provider_key', id, config_hash: hash })
      this.#done.add(step)
      this.#work.onStep()
    }
  }

  // Where an answer was lost on its way, the repeated one has no text in it.
  async #keepText(name: string, made: Body): Promise<void> {
    if (made.value.includes('****')) return this.#rotate(name, made.id)
    this.#work.texts?.keep({ name, id: made.id, value: made.value })
  }

  async #rotate(name: string, id: string): Promise<void> {
    const path = `${PATHS.virtual_key.one(id)}/rotate`
    const { virtual_key } = await this.#work.instance.change({ method: 'POST', path })
    this.#work.texts?.keep({ name, id, value: virtual_key.value })
  }

  // Made by a command that ended before it heard of it: their texts are nobody's yet. One that no file made is somebody's.
  async #recover(): Promise<void> {
    for (const name of this.#work.texts?.lost ?? []) {
      const isIt = (one: Live) => one.kind === 'virtual_key' && one.name === name && one.hash !== null
      const made = this.#work.live.find(isIt)
      if (made) await this.#rotate(name, made.id)
    }
  }

  async #writeMarks(): Promise<void> {
    for (let at = 0; at < this.#marks.length; at += MARKS_AT_ONCE) {
      const objects = this.#marks.slice(at, at + MARKS_AT_ONCE)
      await this.#work.instance.change({ method: 'PUT', path: '/v1/config/objects', body: { objects } })
    }
    for (const { action } of this.#work.steps) if (action === 'adopt') this.#work.onStep()
  }
}
