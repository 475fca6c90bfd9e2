import { NAME_GROUPS, type NameGroup, TIME_GROUPS, type UsageGroup } from '../../db/rollup/usage-group.ts'
import { badParam, type Query } from '../http/query.ts'

const MAX_GROUPS = 4
const MAX_TAG_CHARS = 64
const isTime = (text: string) => TIME_GROUPS.some(name => name === text)
const isName = (text: string): text is NameGroup => Object.hasOwn(NAME_GROUPS, text)

function isTag(text: string): text is `tag:${string}` {
  return text.startsWith('tag:') && text.length > 'tag:'.length && text.length <= 'tag:'.length + MAX_TAG_CHARS
}

function isGroup(text: string): text is UsageGroup {
  return isTime(text) || isName(text) || isTag(text)
}

function checkTogether(groups: string[]): void {
  if (new Set(groups).size < groups.length) throw badParam('group_by', 'a list without repetitions')
  if (groups.length > MAX_GROUPS) throw badParam('group_by', `at most ${MAX_GROUPS} groups`)
  if (groups.filter(isTime).length > 1) throw badParam('group_by', `at most one of ${TIME_GROUPS.join(', ')}`)
  if (groups.includes('entity') && groups.includes('entity_type')) {
    throw badParam('group_by', 'one of entity and entity_type: an entity is told with its type')
  }
}

/** Reads `group_by`: groups with commas between them. Throws `request_invalid`, which says which there are. */
export function readGroups(query: Query, otherwise: UsageGroup[]): UsageGroup[] {
  if (!query.group_by) return otherwise
  const texts = query.group_by.split(',').map(text => text.trim())
  const groups = texts.filter(isGroup)
  if (groups.length < texts.length) {
    const known = [...TIME_GROUPS, ...Object.keys(NAME_GROUPS), 'tag:KEY']
    throw badParam('group_by', `one or more of ${known.join(', ')}, with commas between them`)
  }
  checkTogether(groups)
  return groups
}
