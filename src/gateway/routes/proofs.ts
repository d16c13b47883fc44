import { z } from 'zod'
import { bytesOf, CBOR, PRIVATE, type Server, sendBytes, TEXT } from '../../serving/index.ts'
import { parseReceipt } from '../../verify/receipt.ts'
import { cardOf } from '../card.ts'
import { missing } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { isOfShop } from '../views.ts'
import { member, refusals, security, statementQuery, unit } from './schemas.ts'

const params = z.object({ member })
const querystring = z.strictObject({ unit })
const JSON_TYPE = 'application/json'

/** What a member, or anyone, needs to check the shop: receipts, statements and cards. */
export function proofRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/proofs/:entry',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getProof',
        tags: ['proofs'],
        security,
        summary: 'The receipt of an entry of the shop, accepted or refused: c2sp.org/tlog-proof',
        description: 'It proves to anyone that the entry is in the log, and what became of it.',
        params: z.object({ entry: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
        response: { ...bytesOf(TEXT, 'A receipt: c2sp.org/tlog-proof'), ...refusals },
      },
    },
    async (request, reply) => {
      const receipt = await gateway.client.receipt(request.params.entry)
      if (!(await isOfShop(gateway, parseReceipt(receipt).entry)))
        throw missing('entry-unknown', 'No entry of the shop has this index.')
      return sendBytes(reply, receipt, TEXT, PRIVATE)
    },
  )

  server.get(
    '/v1/members/:member/statement',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getStatement',
        tags: ['proofs'],
        security,
        summary: 'Proof of all that a member has: application/cbor (SPEC §10)',
        description: 'Of the latest checkpoint. With her card, anyone can verify it without the shop.',
        params,
        querystring: statementQuery,
        response: { ...bytesOf(CBOR, 'A statement, or with `lines` a page of it (SPEC §10)'), ...refusals },
      },
    },
    async (request, reply) => {
      const { members, client } = gateway
      const { unit, ...query } = request.query
      const { account } = await members.get(request.params.member, members.unit(unit))
      return sendBytes(reply, await client.statement(account, query), CBOR, PRIVATE)
    },
  )

  server.get(
    '/v1/members/:member/card',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCard',
        tags: ['proofs'],
        security,
        summary: 'The card of a member: which ledger and account are hers (SPEC §10)',
        description: 'Made when a statement has proven it. Give it to her: it is how she knows a statement as her own.',
        params,
        querystring,
        response: { ...bytesOf(JSON_TYPE, 'A card (SPEC §10)'), ...refusals },
      },
    },
    async (request, reply) => {
      const card = await cardOf(gateway, request.params.member, gateway.members.unit(request.query.unit))
      return sendBytes(reply, card, JSON_TYPE, PRIVATE)
    },
  )
}
