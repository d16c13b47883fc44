import { listAccounts, listEntries, type TallyClient } from '../client/index.ts'
import { fromBase64 } from '../core/bytes.ts'
import { type LedgerReward, rewardOf } from './ledger-rewards.ts'

/** Rows of a page of a list. */
const PAGE = 1000

/**
 * The issues, reversals and erasures of the accounts that a key may read, account by account: as `ledgerRewards`, for
 * those who may not read the whole log.
 *
 * @param client - that calls with a key of the platform. Cost: a request for each account.
 * @throws ClientError; FormatError of entries.
 */
export async function* accountRewards(client: TallyClient): AsyncGenerator<LedgerReward> {
  for (let after: number | undefined; ; ) {
    const accounts = await listAccounts(client, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const { number, kind } of accounts) if (kind === 'member') yield* rewardsOf(client, number)
    if (accounts.length < PAGE) return
    after = accounts.at(-1)!.number
  }
}

async function* rewardsOf(client: TallyClient, account: number): AsyncGenerator<LedgerReward> {
  for (let after: number | undefined; ; ) {
    const entries = await listEntries(client, account, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const { entry, index } of entries) {
      const found = rewardOf(fromBase64(entry), index)
      if (found !== undefined) yield found
    }
    if (entries.length < PAGE) return
    after = entries.at(-1)!.number
  }
}
