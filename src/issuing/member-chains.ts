import { NO_EVENT } from './event-record.ts'
import type { IssuingOptions } from './issuing-options.ts'
import type { IssuingStore } from './issuing-store.ts'

type ChainOptions = Pick<IssuingOptions, 'accounts' | 'placeOf' | 'versions'> & { readonly store: IssuingStore }

/** The events of a member, whole. */
export interface MemberEvents {
  /** Her accounts, in whichever units. */
  readonly accounts: number[]
  /** The details of all of her events, also of what earned nothing. */
  readonly texts: string[]
}

/** Of all members that events were taken of, their accounts and all details. Holds the details. @throws ClientError. */
export async function* memberChains({
  store,
  accounts,
  placeOf,
  versions,
}: ChainOptions): AsyncGenerator<MemberEvents> {
  const texts = new Map<string, string[]>()
  for await (const { member, rewards, nothing } of store.events()) {
    const own = texts.get(member) ?? []
    texts.set(member, own)
    own.push(...(nothing === undefined ? rewards.map(({ text }) => text) : [nothing]))
  }
  const found = new Map<string, number[]>()
  const units = new Set(versions.flatMap(({ programme }) => programme.rules.map(({ unit }) => unit)))
  for (const unit of units)
    for (const [member, account] of await accounts.find([...texts.keys()], placeOf(unit, NO_EVENT).unit))
      found.set(member, [...(found.get(member) ?? []), account])
  for (const [member, own] of texts) yield { accounts: found.get(member) ?? [], texts: own }
}
