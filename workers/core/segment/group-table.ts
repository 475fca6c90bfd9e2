import { ExactSums } from './exact-sums.ts'
import type { Put } from './gather-rows.ts'
import { PairTable } from './pair-table.ts'

/** The value of one of a group's columns; what is absent is the empty text. */
export type GroupValue = string | number

/** The values of a group's column. */
class ValueList {
  readonly values: GroupValue[] = []
  readonly #codes = new Map<GroupValue, number>()

  codeOf(value: GroupValue): number {
    const known = this.#codes.get(value)
    if (known !== undefined) return known
    this.#codes.set(value, this.values.length)
    return this.values.push(value) - 1
  }
}

/**
 * Sums of groups, which are added to from several places. A group is told by a value of each of its columns; its number is made of the
 * codes of these, one column after the other.
 */
export class GroupTable {
  readonly #columns: { list: ValueList; groups: PairTable }[]
  readonly sums: ReadonlyMap<string, ExactSums>

  constructor(columns: number, sums: readonly { name: string; put: Put }[]) {
    this.#columns = Array.from({ length: columns }, () => ({ list: new ValueList(), groups: new PairTable() }))
    this.sums = new Map(sums.map(({ name, put }) => [name, new ExactSums(put)]))
  }

  #column(index: number) {
    const column = this.#columns[index]
    if (!column) throw new Error(`a table of groups has no column ${index}`)
    return column
  }

  /** The code of a value of a column. */
  codeOf(column: number, value: GroupValue): number {
    return this.#column(column).list.codeOf(value)
  }

  /** Makes of groups that are told by the columns before this one, groups that are told by it too: by its codes, one for each. */
  tellApart(column: number, groups: Int32Array, codes: Int32Array): void {
    const pairs = this.#column(column).groups
    for (let at = 0; at < groups.length; at++) groups[at] = pairs.numberOf(groups[at] ?? 0, codes[at] ?? 0)
  }

  /** The number of the group that has these values. */
  groupOf(values: readonly GroupValue[]): number {
    return values.reduce<number>(
      (group, value, column) => this.#column(column).groups.numberOf(group, this.codeOf(column, value)),
      0,
    )
  }

  /** The values of a group's columns. */
  valuesOf(group: number): GroupValue[] {
    let rest = group
    const values = this.#columns.toReversed().map(({ list, groups }) => {
      const [before, code] = groups.pairOf(rest)
      rest = before
      return list.values[code] ?? ''
    })
    return values.reverse()
  }

  /** How many groups there are, which are numbered from 0 up. Of no columns there is one, with or without rows. */
  get size(): number {
    return this.#columns.at(-1)?.groups.size ?? 1
  }
}
