import { makeToken } from '../src/client/token.ts'
import { ACCEPTED } from '../src/core/entry/outcome.ts'
import { decodeAnswer } from '../src/verify/batch-answer.ts'
import { helperThread } from './thread.ts'
import { batchRequest, Connection } from './wire.ts'
import { type Balances, ISSUER, Workload } from './workload.ts'

/** What a thread that calls the server over HTTP is to do. */
export interface Load {
  readonly port: number
  readonly ledgerId: Uint8Array
  readonly balances: Balances
  /** Another one for every thread. */
  readonly seed: number
  /** Reward batches of a thousand, or single redemptions signed by their owners. */
  readonly what: 'batches' | 'singles'
  /** How many requests, all signed before the first is sent. */
  readonly requests: number
  readonly connections: number
  /** Requests are sent at this rate, or as fast as the answers come. */
  readonly perSecond?: number
  /** Answers are asked for when the batch is in a checkpoint. */
  readonly wait?: 'sealed'
}

/** What came of it. */
export interface LoadResult {
  readonly seconds: number
  readonly transactions: number
  /** Of each request: from when it was due, where there is a rate, and from when it was sent, where there is none. */
  readonly latenciesMs: readonly number[]
}

await helperThread<Load, LoadResult>(async load => {
  const { port, requests, connections, perSecond, wait } = load
  const workload = new Workload(load.ledgerId, load.balances, load.seed)
  const token = await makeToken(ISSUER, load.ledgerId, 'ledger')
  const bytes = Array.from({ length: requests }, () =>
    batchRequest(port, load.what === 'batches' ? workload.issues() : workload.redemption(), token, wait),
  )
  return async isStopped => {
    // Not before: a server ends a connection that sends nothing for ten seconds.
    const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
    const answers: Uint8Array[] = []
    const latenciesMs: number[] = []
    const start = performance.now()
    let next = 0
    const lane = async (connection: Connection) => {
      while (next < requests && !isStopped()) {
        const n = next++
        const due = perSecond === undefined ? performance.now() : start + (1000 * n) / perSecond
        if (due > performance.now()) await new Promise(resolve => setTimeout(resolve, due - performance.now()))
        answers.push(await connection.request(bytes[n]!))
        latenciesMs.push(performance.now() - due)
      }
    }
    await Promise.all(open.map(lane))
    const seconds = (performance.now() - start) / 1000
    for (const connection of open) connection.close()
    return { seconds, transactions: accepted(answers), latenciesMs }
  }
})

/** How many transactions were accepted. @throws Error unless all were, each batch with its promise. */
function accepted(answers: readonly Uint8Array[]): number {
  let transactions = 0
  for (const answer of answers) {
    const { statuses, promise } = decodeAnswer(answer)
    if (promise === null || statuses.some(status => status !== ACCEPTED)) throw new Error('a batch was not accepted')
    transactions += statuses.length
  }
  return transactions
}
