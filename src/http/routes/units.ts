import { z } from 'zod'
import { toHex } from '../../core/bytes.ts'
import { UNITS_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import type { Server } from '../../serving/index.ts'
import { account, hex, record, uint, word } from '../shapes.ts'

const unitSchema = z.object({
  record,
  name: word,
  cap: uint(),
  step: uint(),
  giftEach: uint(),
  giftDay: uint(),
  debtMax: uint(),
  custody: uint(),
  windowMs: uint(),
  holdMaxMs: uint(),
  offset: uint(),
  grain: uint(),
  take: z.object({ each: uint(), most: uint(), keep: uint(), day: uint(), open: uint() }).nullable(),
  collect: uint().nullable(),
  takeoverMs: uint(),
  balanceMax: uint(),
  noticeMs: uint(),
  memberRate: uint(),
  terms: hex(32).describe('Leaf hash of what defines it, hex: openings name it'),
  treasury: account.nullable(),
  expiredAccount: account.nullable(),
})

const unitsSchema = z.object({ units: z.array(unitSchema).max(UNITS_MAX) })

/** `GET /v1/units`: units, their policies and treasuries. */
export function unitRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/units',
    {
      schema: {
        operationId: 'listUnits',
        tags: ['public'],
        summary: 'The units, their policies, and their treasuries',
        response: { 200: unitsSchema },
      },
    },
    async () => {
      const { registry } = log.ledger.state
      const numbered = (one: number) => (one < 0 ? null : one)
      const units = registry.units.map(({ record, terms, treasury, expiredAccount }) => {
        const { kind: _, id: __, ...policy } = terms
        return {
          record,
          ...policy,
          terms: toHex(registry.records[record]!.body),
          treasury: numbered(treasury),
          expiredAccount: numbered(expiredAccount),
        }
      })
      await log.durable()
      return { units }
    },
  )
}
