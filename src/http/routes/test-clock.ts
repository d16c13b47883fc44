import { z } from 'zod'
import type { ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { callerOf } from '../caller.ts'
import { uint, withToken } from '../shapes.ts'

/** By how much the time of a test ledger is moved at once, at most: points end within two years. */
const DAYS_MAX = 731
const DAY_MS = 86_400_000
const SPANS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS } as const

const spanSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,8}[smhd]$/, 'expected a span such as 30m, 12h or 30d')
  .refine(text => spanOf(text) <= DAYS_MAX * DAY_MS, `expected a span of at most ${DAYS_MAX}d`)
  .meta({ description: `By how much, at most ${DAYS_MAX}d`, examples: ['30d'] })

const timeSchema = z.object({ time: uint().describe('The time of the ledger now, ms') })

/** `GET` and `POST /v1/ledger/clock`, of a test ledger and of no other: its time, and how it is moved (SPEC §3). */
export function testClockRoutes(server: Server, log: ServedLog): void {
  const { testTime } = log
  if (testTime === undefined) return
  server.get(
    '/v1/ledger/clock',
    {
      schema: {
        operationId: 'getTestClock',
        tags: ['public'],
        summary: 'The time of the test ledger',
        response: { 200: timeSchema },
      },
    },
    () => ({ time: testTime.nowMs }),
  )

  server.post(
    '/v1/ledger/clock',
    {
      schema: {
        operationId: 'advanceTestClock',
        tags: ['platform'],
        security: withToken,
        summary: 'Move the time of the test ledger ahead: what ends in between ends at its time',
        body: z.strictObject({ advance: spanSchema }).meta({ examples: [{ advance: '30d' }] }),
        response: { 200: timeSchema, ...problems(403) },
      },
    },
    async request => {
      const { role, account } = await callerOf(log, request)
      if (account !== undefined || role === 'owner' || role === 'auditor')
        throw new HttpError(403, 'not-allowed', 'The time is moved by a key of the platform, such as the registrar.')
      return { time: await testTime.advance(spanOf(request.body.advance)) }
    },
  )
}

function spanOf(text: string): number {
  return Number(text.slice(0, -1)) * (SPANS_MS[text.at(-1) as keyof typeof SPANS_MS] ?? 0)
}
