import { TallyClient } from '../src/client/index.ts'
import { publicKeyFromSeed } from '../src/core/crypto/ed25519.ts'
import { ED25519_KEY, verifierKey } from '../src/core/note/note.ts'
import { helperThread } from './thread.ts'
import { AUDITOR, LOG_SEED, ORIGIN } from './workload.ts'

/** Statements to fetch, each account's first one before any is fetched again. */
export interface Reading {
  readonly port: number
  readonly accounts: readonly number[]
  /** Others, fetched beforehand: by then the code of either side is compiled. */
  readonly before?: readonly number[]
  readonly requests: number
  /** Sent at this rate, or each when the one before is there. */
  readonly perSecond?: number
}

export interface ReadingResult {
  /** Of each request, from when it was sent until its last byte was there. */
  readonly latenciesMs: readonly number[]
  readonly some: readonly { readonly account: number; readonly bytes: Uint8Array }[]
}

/** How many statements are handed back for others to look at. */
const SOME = 3

await helperThread<Reading, ReadingResult>(async ({ port, accounts, before = [], requests, perSecond }) => {
  const key = verifierKey(ORIGIN, ED25519_KEY, publicKeyFromSeed(LOG_SEED))
  const policy = { logs: [{ key }], witnesses: [], groups: [], quorum: 'none' }
  const client = new TallyClient({ url: `http://127.0.0.1:${port}`, policy, caller: AUDITOR })
  // Makes the token and the first connection, which are not what is asked about.
  await client.account(accounts[0]!)
  for (const account of before) await client.statement(account)
  return async () => {
    const latenciesMs: number[] = []
    const some: { account: number; bytes: Uint8Array }[] = []
    const begin = performance.now()
    const due = (n: number, perSecond: number) =>
      new Promise(resolve => setTimeout(resolve, Math.max(0, begin + (1000 * n) / perSecond - performance.now())))
    const fetchOne = async (n: number) => {
      const account = accounts[n % accounts.length]!
      const start = performance.now()
      const bytes = await client.statement(account)
      latenciesMs.push(performance.now() - start)
      if (some.length < SOME) some.push({ account, bytes })
    }
    if (perSecond === undefined) for (let n = 0; n < requests; n++) await fetchOne(n)
    else await Promise.all(Array.from({ length: requests }, (_, n) => due(n, perSecond).then(() => fetchOne(n))))
    return { latenciesMs, some }
  }
})
