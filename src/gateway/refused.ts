import { AccountHistory, sharesOf } from '../account/index.ts'
import { type FeedEntry, feedPage, type TallyClient } from '../client/index.ts'
import { fromBase64 } from '../core/bytes.ts'
import { accountsOf } from './activity.ts'
import type { Gateway } from './gateway.ts'
import type { MemberAccount } from './members.ts'
import { type Memory, ordered } from './memory.ts'
import type { StoredMovement } from './movement.ts'
import { orderOf } from './movement-view.ts'

/** Entries of the log that one question looks through, and those that are asked of the ledger at once. */
const LOOKED_AT = 10_000
const PAGE = 1000

/** A transaction of a member that the ledger refused, and what she had then. */
interface RefusedView {
  readonly entry: number
  readonly at: string
  /** Of the transaction (SPEC §5). */
  readonly kind: string
  readonly outcome: string
  /** Points that were asked for; null where it moves none. */
  readonly points: number | null
  readonly order: string | null
  readonly id: string
  readonly proof: string
  readonly had: {
    readonly balance: number
    readonly available: number
    readonly pending: number
    readonly held: number
  }
}

/** What was found, and how far back it was looked: `from` is the first entry of the log that was looked at. */
export interface RefusedPage {
  readonly refused: RefusedView[]
  readonly from: number
}

/**
 * What the ledger refused of a member's account, the newest first: entries of the log below `before`, of which at most
 * 10,000 are looked at. Costs a question to the ledger for every 1,000.
 *
 * @param before - log index; by default the end of what is published.
 * @throws ClientError.
 */
export async function refusedOf(
  gateway: Gateway,
  { account, unit }: MemberAccount,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<RefusedPage> {
  const { client, memory, histories } = gateway
  const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, (await feedPage(client, { limit: 1 })).published)
  const found: FeedEntry[] = []
  let from = end
  while (from > Math.max(0, end - LOOKED_AT) && found.length < limit) {
    const start = Math.max(0, from - PAGE)
    found.push(...(await refusedIn(client, account, start, from)).reverse())
    from = start
  }
  const shown = found.slice(0, limit)
  if (found.length > limit) from = shown.at(-1)!.index
  await histories.now(account, unit.record)
  const hadThen = await sharesBefore(memory, new AccountHistory(account, gateway.rulebook.unit(unit.record)), shown)
  const refused = shown.map(
    async ({ index, ledgerTime, kind, outcome, id, fields: { amount } }, i): Promise<RefusedView> => ({
      entry: index,
      at: new Date(ledgerTime).toISOString(),
      kind,
      outcome,
      points: typeof amount === 'number' ? amount : null,
      order: await orderOf(gateway, id!),
      id: id!,
      proof: `/v1/proofs/${index}`,
      had: hadThen[i]!,
    }),
  )
  return { refused: await Promise.all(refused), from }
}

/** What was refused of an account among the entries of the log from one to before another, in order. */
async function refusedIn(client: TallyClient, account: number, start: number, end: number): Promise<FeedEntry[]> {
  const refused: FeedEntry[] = []
  for (let after = start - 1; after < end - 1; ) {
    const page = await feedPage(client, { after, limit: Math.min(PAGE, end - 1 - after) })
    for (const entry of page.entries)
      if (entry.index < end && entry.outcome !== 'accepted' && accountsOf(entry).includes(account)) refused.push(entry)
    if (page.next <= after) break
    after = page.next
  }
  return refused
}

/** What an account had at the time of each of these entries, which are the newest first. */
async function sharesBefore(
  memory: Memory,
  history: AccountHistory,
  entries: readonly FeedEntry[],
): Promise<RefusedView['had'][]> {
  const key = ordered(history.account)
  const rows = await memory.list<StoredMovement>('movements', { after: key, before: `${key}~` })
  const shares: RefusedView['had'][] = []
  let at = 0
  for (const { index, ledgerTime } of [...entries].reverse()) {
    for (; at < rows.length && rows[at]![1].x < index; at++) history.take(fromBase64(rows[at]![1].e), rows[at]![1].at)
    const { balance, holdings } = history.member
    const { available, pending, held } = sharesOf(holdings, balance, ledgerTime)
    shares.push({ balance, available, pending, held })
  }
  return shares.reverse()
}
