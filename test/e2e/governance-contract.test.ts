import { afterAll, beforeAll } from 'vitest'
import { startContract, stopContract } from './contract/server.ts'
import './contract/common.ts'
import './contract/edges.ts'
import './contract/fields.ts'
import './contract/lists.ts'
import './contract/keys.ts'
import './contract/virtual-keys.ts'
import './contract/quota.ts'
import './contract/groups.ts'
import './contract/limits.ts'
import './contract/rules.ts'
import './contract/prices.ts'
import './contract/overrides.ts'
import './contract/neighbours.ts'
import './contract/enforcement.ts'

// Bifrost's wire contract against a started server: statuses, texts and shapes as its clients compare them. What each endpoint answers
// is in docs/governance-api.md, which is held against what was answered here.

beforeAll(startContract)
afterAll(stopContract)

// After all others, whose answers it looks at.
await import('./contract/page.ts')
