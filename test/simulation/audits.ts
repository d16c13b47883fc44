import { Attempt } from '../../src/audit/attempt.ts'
import type { LogSource } from '../../src/audit/read/log-source.ts'
import { openCheckpoint } from '../../src/core/note/policy.ts'
import { checkStore, saltFrom } from '../../src/log/index.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { ANNA, BERT, WARD } from '../ledger/beginning.ts'
import type { FollowerNode } from './follower-node.ts'
import { type LedgerNode, SALT_SECRET } from './ledger-node.ts'
import { SimProcess } from './time.ts'
import type { World } from './world.ts'

/** What the ledger publishes is audited as `tally audit` does: tiles, bundles and salts as they are served. */
export async function auditOfPublished({ ledger, policy, oracle, trace }: World): Promise<void> {
  const log = ledger.log!
  const source: LogSource = {
    async tile({ level, index, width }) {
      const bytes = await (level === 'entries' ? log.entryBundle(index, width) : log.tile(level, index, width))
      if (bytes === undefined) throw new Error(`there is no tile ${level}/${index} of ${width}`)
      return bytes
    },
    salts: async (from, count) => Array.from({ length: count }, (_, i) => log.salt(from + i) ?? null),
  }
  const note = log.publisher.published!.checkpoint
  const target = { note, checkpoint: openCheckpoint(note, policy), refused: undefined, earlier: undefined }
  const { report } = await new Attempt({ source, onProgress: () => {}, tuning: { thread: false } }, target).run()
  if (report.faults.length > 0) trace.broken('audit', report.faults.map(({ message }) => message).join('; '))
  if (report.entries !== oracle.size) trace.broken('audit', `${report.entries} entries of ${oracle.size}`)
}

/** Members ask for their statements, and verify them: the balance is that of the naive ledger. */
export async function checkStatements({ nodes, policy, oracle, trace }: World): Promise<void> {
  for (const node of nodes)
    for (const account of [ANNA, BERT, WARD]) {
      const statement = await node.log!.prover.statement(account, { since: 0, allSignatures: false })
      if (typeof statement === 'string') trace.broken('statement', `of account ${account}: ${statement}`)
      else {
        const { balance } = verifyStatement(statement, { policy })
        const own = Number(oracle.naive.accounts[account]!.balance)
        if (balance !== own) trace.broken('statement', `account ${account} is shown ${balance}, and has ${own}`)
      }
    }
}

/** Everything on a disk is derived again from its entries, signatures and all, as `tally check` does. */
export async function auditOfDisk(world: World, node: LedgerNode | FollowerNode): Promise<void> {
  const { trace, logKey, oracle } = world
  const process = new SimProcess('audit')
  const { faults, entries, published } = await process.run(async () => {
    const store = await node.disk.open(process)
    return checkStore({ store, logKey, saltOf: epoch => saltFrom(SALT_SECRET, epoch) })
  })
  if (faults.length > 0) trace.broken('audit', faults.map(({ message }) => message).join('; '))
  if (entries !== oracle.size || published !== oracle.size)
    trace.broken('lost', `the store has ${entries} entries, ${published} published, of ${oracle.size}`)
}
