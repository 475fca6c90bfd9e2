/** The `id` of thoughts that were Cohere's `tool_plan`, so that they go back to where they came from. */
export const TOOL_PLAN = 'tool_plan'
