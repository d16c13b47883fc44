import type { CborReader, CborValue } from '../cbor.ts'
import { FormatError } from '../failure.ts'
import { BATCH_TRANSACTIONS_MAX, GROUP_TRANSACTIONS_MAX, GROUPS_MAX } from '../limits.ts'
import { KINDS, type Kind, kindOf } from './transaction.ts'

/** Transactions of a batch, one after another, that are all accepted or none (SPEC §4). */
export interface Group {
  /** Position of the first. */
  readonly first: number
  readonly count: number
}

/** Kinds that stand in no group: they change the registry, or details off the log, which nobody puts back. SPEC §4. */
const ALONE: readonly Kind[] = [
  'genesis',
  'register-key',
  'revoke',
  'define-unit',
  'publish-rule',
  'publish-rate',
  'set-budget',
  'continue-log',
  'erase',
]
const IS_ALONE: readonly boolean[] = KINDS.map(kind => ALONE.includes(kind))

/** Whether a kind stands in no group. SPEC §4. */
export function standsAlone(kind: Kind): boolean {
  return ALONE.includes(kind)
}

/** Groups as the array that they are in CBOR. SPEC §4. */
export function groupFields(groups: readonly Group[]): CborValue[] {
  return groups.map(({ first, count }) => [first, count])
}

/**
 * The groups at the reader's place, as in a batch entry and in a submitted batch: at most 64, disjoint and in order.
 * Whether the batch has as many transactions is for `groupsFit` to say. SPEC §4.
 *
 * @throws FormatError `batch`, or a code of `CborReader`.
 */
export function readGroups(reader: CborReader): readonly Group[] {
  const length = reader.array()
  if (length === 0) return NONE
  if (length > GROUPS_MAX)
    throw new FormatError('batch', `a batch has at most ${GROUPS_MAX} groups, this one ${length}`)
  const groups: Group[] = []
  let end = 0
  for (let i = 0; i < length; i++) {
    if (reader.array() !== 2) throw new FormatError('batch', `a group has 2 fields, which group ${i} has not`)
    const first = reader.uint(BATCH_TRANSACTIONS_MAX - 1, 'first of a group')
    const count = reader.uint(GROUP_TRANSACTIONS_MAX, 'count of a group')
    if (count < 2) throw new FormatError('batch', `a group has at least 2 transactions, group ${i} has ${count}`)
    if (first < end) throw new FormatError('batch', `groups are disjoint and in order, which group ${i} is not`)
    groups.push({ first, count })
    end = first + count
  }
  return groups
}

const NONE: readonly Group[] = []

/** Refuses groups that end after a batch of `count` transactions. @throws FormatError `batch`. SPEC §4. */
export function groupsFit(groups: readonly Group[], count: number): void {
  const last = groups.at(-1)
  if (last !== undefined && last.first + last.count > count)
    throw new FormatError('batch', `a group ends after the ${count} transactions of its batch`)
}

/** Refuses groups with a kind that stands in none. The transactions are well formed. @throws FormatError `batch`. */
export function checkGroupKinds(groups: readonly Group[], bytes: Uint8Array, starts: Uint32Array, at = 0): void {
  for (const { first, count } of groups)
    for (let i = first; i < first + count; i++) {
      const kind = kindOf(bytes, starts[at + i]!)
      if (IS_ALONE[kind] === true) throw new FormatError('batch', `transaction ${i}: ${KINDS[kind]} stands in no group`)
    }
}
