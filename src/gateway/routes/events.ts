import { z } from 'zod'
import { utf8Encode } from '../../core/bytes.ts'
import type { EventAnswer } from '../../issuing/index.ts'
import { JSON_LINES, PRIVATE, type Server, sendBytes, takeBytes } from '../../serving/index.ts'
import { invalid } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { security, writeRefusals } from './schemas.ts'

/** Lines of JSON, under the name that others have for them. */
const NDJSON = 'application/x-ndjson'
/** Events of one request. */
const EVENTS_MAX = 1000

const cut = z.object({ cap: z.string(), cut: z.int() })
const answerSchema = z
  .object({
    id: z.string(),
    status: z.enum(['earned', 'capped', 'reversed', 'nothing', 'refused', 'duplicate', 'late', 'outside', 'invalid']),
    earned: z.int().meta({ description: 'Points that were given, less those that were taken back' }),
    rule: z.string().nullable(),
    version: z.int().nullable(),
    cuts: z.array(cut).meta({ description: 'What caps took' }),
    entry: z.int().nullable().meta({ description: 'Log index of the first reward' }),
    retryable: z.boolean().meta({ description: 'Whether the same event can have another answer later' }),
    rewards: z.array(
      z.object({
        rule: z.string(),
        unit: z.string(),
        amount: z.int(),
        cuts: z.array(cut),
        matures: z.int(),
        expires: z.int(),
        outcome: z.string(),
        entry: z.int().nullable(),
      }),
    ),
    code: z.string().optional(),
    message: z.string().optional(),
    n: z.int().optional().meta({ description: 'Its number among the events of the member' }),
    was: z.string().optional(),
    isRepeated: z.boolean().optional(),
    tier: z.object({ id: z.string(), until: z.int() }).optional(),
    answer: z
      .object({ text: z.string(), record: z.int(), signature: z.string() })
      .optional()
      .meta({ description: 'Of an event that earned nothing: why, signed (docs/programmes.md §10)' }),
  })
  .meta({ description: 'docs/programmes.md §14' })

const event = z.record(z.string(), z.unknown()).meta({
  description: 'An event of docs/programmes.md §4',
  examples: [{ id: 'visit-1', type: 'sign-in', time: '2026-12-01T09:00+08:00', member: 'cust_8842', data: {} }],
})

const lines = z.instanceof(Uint8Array).meta({ type: 'string', description: 'Lines, an event on each' })

/** Events of programmes: one, many, or lines of them. */
export function eventRoutes(server: Server, gateway: Gateway): void {
  server.register(async scope => {
    takeBytes(scope, NDJSON)
    takeBytes(scope, JSON_LINES)
    ;(scope as Server).post(
      '/v1/events',
      {
        config: { scope: 'earn' },
        schema: {
          operationId: 'takeEvents',
          tags: ['points'],
          security,
          summary: 'Give what a published programme gives for events',
          description:
            'One event, a list of at most 1,000, or lines of JSON (application/x-ndjson), which are answered in lines. ' +
            'An event counts once by its id, whenever and how often it is sent; what was refused of it is tried again.',
          querystring: z.strictObject({
            programme: z.string().max(32).optional().meta({ description: 'Its name; not needed where there is one' }),
          }),
          body: z.union([z.array(event).min(1).max(EVENTS_MAX), lines, event]),
          response: { 200: z.union([answerSchema, z.array(answerSchema)]), ...writeRefusals },
        },
      },
      async (request, reply) => {
        const { body, query } = request
        if (body instanceof Uint8Array) {
          const texts = linesIn(body)
          if (texts.length > EVENTS_MAX)
            throw invalid(`body: ${texts.length} lines, and at most ${EVENTS_MAX} at once.`)
          const answers = await gateway.programmes.take(query.programme, texts)
          const text = answers.map(answer => `${JSON.stringify(answer)}\n`).join('')
          return sendBytes(reply, utf8Encode(text), JSON_LINES, PRIVATE)
        }
        if (Array.isArray(body)) return (await gateway.programmes.take(query.programme, body.map(textOf))).map(plain)
        return plain((await gateway.programmes.take(query.programme, [textOf(body)]))[0]!)
      },
    )
  })
}

const textOf = (value: unknown) => JSON.stringify(value)

/** An answer whose lists can be written to, as the schema has them. */
function plain(answer: EventAnswer): z.infer<typeof answerSchema> {
  return {
    ...answer,
    cuts: [...answer.cuts],
    rewards: answer.rewards.map(reward => ({ ...reward, cuts: [...reward.cuts] })),
  } as z.infer<typeof answerSchema>
}

/** Lines that are not blank. */
function linesIn(bytes: Uint8Array): string[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf8')
    .split('\n')
    .filter(line => line.trim() !== '')
}
