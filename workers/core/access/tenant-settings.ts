/** What a tenant says of all its keys that the data plane has to know. What is absent is the default. */
export type TenantSettings = {
  /** As Bifrost 1.4: a key without provider configs may use all, and a deleted key is 403. Else it may use none, and is 401. */
  governanceCompat?: '1.4'
  /** How a spent budget is answered, as Bifrost does; else with 429. */
  budgetExceededStatus?: 402
  /** Headers that every request has to have, in lower case. */
  requiredHeaders?: string[]
}

/** Where a tenant's requests can be bound to. */
export const RESIDENCIES = ['eu', 'us'] as const

/** What a tenant has set as D1 keeps it, under its names in the API: only what differs from the default. */
export type StoredSettings = {
  governance_compat?: '1.4'
  budget_exceeded_status?: 402
  default_residency?: (typeof RESIDENCIES)[number]
  data_retention_days?: number
  required_headers?: string[]
}
