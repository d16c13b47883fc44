import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import type { ServedLog } from '../../log/index.ts'
import { bytesOf, PRIVATE, problems, type Server, sendBytes, TEXT } from '../../serving/index.ts'
import { isForIdentity } from '../../verify/identity.ts'
import { callerOf, mayReadAccount, mayReadReceipt } from '../caller.ts'
import { noProof } from '../no-proof.ts'
import { inPath, perhapsWithToken } from '../shapes.ts'

/** `GET /v1/receipts/{index}`: the proof that an entry is in the log. */
export function receiptRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/receipts/:index',
    {
      schema: {
        operationId: 'getReceipt',
        tags: ['member', 'platform'],
        security: perhapsWithToken,
        summary: 'Proof that an entry is in the log: c2sp.org/tlog-proof',
        description:
          'Of the genesis, of root keys, of what continued the log and of seals for all: by these a client knows ' +
          'which ledger it is, and what is in its registry.',
        params: z.object({ index: inPath() }),
        response: { ...bytesOf(TEXT, 'A receipt: c2sp.org/tlog-proof'), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { index } = request.params
      const isThere = index < (log.publisher.published?.size ?? 0)
      if (!isThere || !(await isForAll(log, index))) await mayRead(log, request, index, isThere)
      const receipt = await log.prover.receipt(index)
      if (typeof receipt === 'string') throw noProof(receipt)
      return sendBytes(reply, receipt, TEXT, PRIVATE)
    },
  )
}

/**
 * Whether a receipt is for all: of the genesis, of root keys, of what continued the log, or of a seal. None names a
 * member.
 */
async function isForAll(log: ServedLog, index: number): Promise<boolean> {
  if (index === GENESIS_INDEX) return true
  const entry = await log.readEntry(index)
  return entry[0] === ENTRY_SEAL || (entry[0] === ENTRY_TRANSACTION && isForIdentity(decodeTransaction(entry)))
}

/** Refuses a caller who may not read the receipt of an entry. @throws HttpError 401, 403, 404. */
async function mayRead(log: ServedLog, request: FastifyRequest, index: number, isThere: boolean): Promise<void> {
  const caller = await callerOf(log, request)
  if (!isThere) throw noProof('not-published')
  const named = () => log.prover.accountsNamedBy(index)
  if (caller.account !== undefined) mayReadAccount(log, caller, await named())
  else await mayReadReceipt(log, caller, named, () => log.prover.recordsBehind(index))
}

/** Where the genesis stands, after its batch. */
const GENESIS_INDEX = 1
