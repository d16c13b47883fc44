import { QUARTER_MS } from '../../src/account/dates.ts'
import { toHex } from '../../src/core/bytes.ts'
import { ENTRY_TRANSACTION } from '../../src/core/entry/entry-type.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import type { LedgerState } from '../../src/ledger/index.ts'

/** Everything that can be asked of a state, as text: bytes in hex. @param entries - the log that it is of. */
export function dump(state: LedgerState, entries: readonly Uint8Array[]): string[] {
  const { accounts, registry, budgets, originals } = state
  const { epoch, time, ledgerId, origin, logKey, need, skewMs, beatMs, promiseMs } = state
  const known = { epoch, time, ledgerId, origin, logKey, need, skewMs, beatMs, promiseMs, erased: [...state.erased] }
  const lines = [text(known)]
  for (let n = 0; n < accounts.count; n++) {
    const sealed = accounts.sealed(n)
    const path = sealed && accounts.path(n)
    lines.push(
      text({ n, now: accounts.get(n), member: accounts.member(n), terms: accounts.terms(n), sealed, path }),
      text({ n, holdings: accounts.holdings(n), isPlain: accounts.isPlain(n), given: budgets.givenTo(n) }),
    )
  }
  for (const { number } of registry.records)
    lines.push(text({ record: registry.records[number], key: registry.key(number), sealed: registry.sealed(number) }))
  lines.push(text({ units: registry.units, live: registry.liveRootCount }))
  for (let n = 0; n < accounts.count; n++) lines.push(text({ n, terms: budgets.terms(n) }))
  for (const [index, entry] of entries.entries()) {
    if (entry[0] !== ENTRY_TRANSACTION) continue
    lines.push(text({ index, original: originals.find({ index, time: 0, transaction: decodeTransaction(entry) }) }))
  }
  // Within a quarter hour what is due may be found or not: at its end it is.
  const quarter = Math.ceil(time / QUARTER_MS)
  for (const more of [0, 1, 5, 50, 5000]) lines.push(text(accounts.due.at((quarter + more) * QUARTER_MS, 100).sort()))
  return lines
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    one instanceof Uint8Array ? toHex(one) : typeof one === 'bigint' ? String(one) : one,
  )
}
