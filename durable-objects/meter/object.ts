import { DurableObject } from 'cloudflare:workers'

/** One virtual key's money. */
export class MeterObject extends DurableObject<Env> {}
