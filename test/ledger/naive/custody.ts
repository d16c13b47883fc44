import { recordOf, stands, unitOf, unitsOf } from './registry.ts'
import type { Signers } from './signers.ts'
import type { NaiveAccount, State } from './state.ts'

/** What a unit lets custodians do. */
export const CUSTODY = { redeem: 1, convert: 2, grant: 4, transfer: 8 } as const

/** The key of a custodian, whether it stands or not. */
export function custodianKey(state: State, n: number) {
  const tx = recordOf(state, n, 'register-key')
  return tx?.role === 'custodian' ? tx : undefined
}

/** The chain of a custodian's key, named by the record that begins it; undefined where the record is no such key. */
export function chainOf(state: State, n: number): number | undefined {
  const key = custodianKey(state, n)
  if (key === undefined) return undefined
  return key.succeeds === null ? n : chainOf(state, key.succeeds)
}

/** The records of a chain, in order. */
const chain = (state: State, name: number | undefined): number[] =>
  name === undefined ? [] : state.records.flatMap((_, n) => (chainOf(state, n) === name ? n : []))

/** The chain that has the custody of an account. */
export const chainOfAccount = (state: State, { custodian }: NaiveAccount): number | undefined =>
  custodian === null ? undefined : chainOf(state, custodian)

/** Whether a key of a chain may act for accounts of a unit: at once, or after the unit's takeover. */
function isDue(state: State, n: number, unit: number, time: number): boolean {
  const { isTakeover, time: registered } = state.records[n]!
  return !isTakeover || time >= registered + unitOf(state, unit)!.takeoverMs
}

/** Whether it is due for every unit that there is. */
const isDueEverywhere = (state: State, n: number, time: number): boolean =>
  unitsOf(state).every(unit => isDue(state, n, unit, time))

/** The keys of the chain that signed. */
const signedOf = (state: State, signers: Signers, name: number | undefined): number[] =>
  chain(state, name).filter(n => signers.hasRecord(n))

/** Whether a key signed that is due everywhere, of the chain that a record is of. */
export const chainSigned = (state: State, signers: Signers, n: number): boolean =>
  signedOf(state, signers, chainOf(state, n)).some(one => isDueEverywhere(state, one, signers.time))

/** Whether a key of the chain signed that may act for accounts of the unit. */
export const signsFor = (state: State, signers: Signers, name: number | undefined, unit: number): boolean =>
  signedOf(state, signers, name).some(n => isDue(state, n, unit, signers.time))

/** Whether the custodian of an account signed, and its unit lets a custodian do that. */
export const custodianMay = (state: State, signers: Signers, account: NaiveAccount, bit: number): boolean =>
  (unitOf(state, account.unit)!.custody & bit) !== 0 &&
  signsFor(state, signers, chainOfAccount(state, account), account.unit)

/** Whether accounts would be left to a chain of which no key stands. */
export function strands(state: State, n: number): boolean {
  const name = chainOf(state, n)
  if (name === undefined) return false
  const isNamed = state.accounts.some(one => one.status !== 'closed' && chainOfAccount(state, one) === name)
  return isNamed && !chain(state, name).some(other => other !== n && stands(state, other))
}
