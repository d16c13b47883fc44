import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import { invalid } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { refusals, security, span, spanMs, time, timeText, writeRefusals } from './schemas.ts'

const DAYS_MAX = 731
const DAY_MS = 86_400_000

const timeSchema = z.object({ time })

/** `GET` and `POST /v1/test/clock`, at the gateway of a test ledger and at no other (SPEC §3). */
export function testClockRoutes(server: Server, gateway: Gateway): void {
  const { testTime } = gateway
  if (testTime === undefined) return
  // Anyone may have moved it at the ledger.
  server.addHook('onRequest', () => testTime.look())
  server.get(
    '/v1/test/clock',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTestClock',
        tags: ['test'],
        security,
        summary: 'The time of the test ledger',
        response: { 200: timeSchema, ...refusals },
      },
    },
    () => ({ time: timeText(testTime.nowMs()) }),
  )

  server.post(
    '/v1/test/clock',
    {
      config: { scope: 'clock' },
      schema: {
        operationId: 'advanceTestClock',
        tags: ['test'],
        security,
        summary: 'Move the time of the test ledger ahead: what ends in between ends at its time',
        body: z
          .strictObject({ advance: span.meta({ description: `By how much, at most ${DAYS_MAX}d` }) })
          .meta({ examples: [{ advance: '30d' }] }),
        response: { 200: timeSchema, ...writeRefusals },
      },
    },
    async request => {
      const byMs = spanMs(request.body.advance)
      if (byMs > DAYS_MAX * DAY_MS) throw invalid(`The time moves by at most ${DAYS_MAX}d at once.`)
      return { time: timeText(await testTime.advance(byMs, gateway)) }
    },
  )
}
