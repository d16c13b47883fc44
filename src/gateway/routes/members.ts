import { z } from 'zod'
import { fromHex } from '../../core/bytes.ts'
import { isPublicKey } from '../../core/crypto/ed25519.ts'
import type { Server } from '../../serving/index.ts'
import { invalid } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { ordered } from '../memory.ts'
import { MOVEMENT_KINDS, type StoredMovement } from '../movement.ts'
import { movementView } from '../movement-view.ts'
import { balancesOf } from '../views.ts'
import {
  balanceSchema,
  cursor,
  decodeCursor,
  encodeCursor,
  limit,
  member,
  moment,
  movementSchema,
  refusals,
  security,
  unit,
  writeRefusals,
} from './schemas.ts'

const params = z.object({ member })
const accountSchema = z.object({ id: z.string(), unit: z.string(), account: z.int() })

const listedSchema = accountSchema.extend({
  into: z.string().optional().meta({ description: 'Whose member she is now: her account was merged into that one' }),
})

/** Rows that are looked at for one page: where few fit, it ends there, and `next` goes on. */
const LOOKED_AT = 5000

/** Members by the shop's own ids: their accounts, balances and movements. */
export function memberRoutes(server: Server, gateway: Gateway): void {
  server.put(
    '/v1/members/:member',
    {
      config: { scope: 'members', isAct: true },
      schema: {
        operationId: 'putMember',
        tags: ['members'],
        security,
        summary: 'Open a member an account; where she has one, say which',
        params,
        body: z
          .strictObject({
            unit,
            owner: z
              .string()
              .regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits, in lower case')
              .optional()
              .meta({ description: 'Her public key, hex: then she may act for herself, too' }),
          })
          .default({}),
        response: { 200: accountSchema, 201: accountSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { unit, owner } = request.body
      const key = owner === undefined ? null : fromHex(owner, 32)
      if (key !== null && !isPublicKey(key)) throw invalid('body/owner: it is no public key that can sign.')
      const id = request.params.member
      const { account, isNew, ...opened } = await gateway.members.open(id, gateway.members.unit(unit), key)
      return reply.status(isNew ? 201 : 200).send({ id, unit: opened.unit.name, account })
    },
  )

  server.get(
    '/v1/members/:member',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMember',
        tags: ['members'],
        security,
        summary: 'What a member has, in each unit',
        params,
        response: {
          200: z.object({
            id: z.string().meta({ description: 'Her id; that of the other member where hers was merged' }),
            units: z.record(z.string(), balanceSchema),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const id = request.params.member
      const units = await balancesOf(gateway, id)
      return { id: await gateway.members.person(id), units }
    },
  )

  server.get(
    '/v1/members',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listMembers',
        tags: ['members'],
        security,
        summary: 'The members in the order of their ids, a page at a time',
        querystring: z.strictObject({ limit, cursor }),
        response: { 200: z.object({ members: z.array(listedSchema), next: z.string().nullable() }), ...refusals },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      const after = cursor === undefined ? '' : decodeCursor('members', cursor)
      const rows = await gateway.memory.list<number>('members', { after, limit })
      const members = await Promise.all(
        rows.map(async ([key, account]) => {
          const [id, record] = key.split('\u0000') as [string, string]
          const person = await gateway.members.person(id)
          const merged = person === id ? {} : { into: person }
          return { id, unit: gateway.members.unitOf(Number(record)).name, account, ...merged }
        }),
      )
      return { members, next: rows.length < limit ? null : encodeCursor('members', rows.at(-1)![0]) }
    },
  )

  server.get(
    '/v1/members/:member/movements',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listMovements',
        tags: ['members'],
        security,
        summary: 'What happened to the points of a member, the newest first, a page at a time',
        params,
        querystring: z.strictObject({
          unit,
          kind: z
            .string()
            .regex(
              new RegExp(`^(${MOVEMENT_KINDS.join('|')})(,(${MOVEMENT_KINDS.join('|')}))*$`),
              `expected one of ${MOVEMENT_KINDS.join(', ')}, or several with commas between`,
            )
            .optional()
            .meta({ description: 'One kind, or several with commas between' }),
          from: moment.optional().meta({ description: 'Not before this time' }),
          until: moment.optional().meta({ description: 'Before this time' }),
          limit,
          cursor,
        }),
        response: {
          200: z.object({ movements: z.array(movementSchema), next: z.string().nullable() }),
          ...refusals,
        },
      },
    },
    async request => {
      const { unit: unitName, kind, from = '1970-01-01', until = '9999-01-01', limit, cursor } = request.query
      const unit = gateway.members.unit(unitName)
      const { account } = await gateway.members.get(request.params.member, unit)
      await gateway.histories.now(account, unit.record)
      const at = ordered(account)
      const before = cursor === undefined ? `${at}~` : at + ordered(Number(decodeCursor('movements', cursor)))
      const span = { after: at, before, reverse: true, limit: LOOKED_AT }
      const rows = await gateway.memory.list<StoredMovement>('movements', span)
      const [kinds, fromMs, untilMs] = [kind?.split(','), Date.parse(from), Date.parse(until)]
      const found: StoredMovement[] = []
      let looked = 0
      for (const [, row] of rows) {
        if (found.length === limit || row.at < fromMs) break
        looked++
        if ((kinds === undefined || kinds.includes(row.kind)) && row.at < untilMs) found.push(row)
      }
      const isMore = looked < rows.length ? found.length === limit : rows.length === LOOKED_AT
      return {
        movements: await Promise.all(found.map(row => movementView(gateway, row))),
        next: isMore ? encodeCursor('movements', String(rows[looked - 1]![1].n)) : null,
      }
    },
  )
}
