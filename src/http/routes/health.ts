import { z } from 'zod'
import type { ServedLog } from '../../log/index.ts'
import { problems, type Server } from '../../serving/index.ts'
import { uint, word } from '../shapes.ts'

const healthSchema = z.object({
  status: word.describe('`ok`, or the code that batches are answered now: what is published is served on'),
  detail: word.optional().describe('Why, and what to do. For people.'),
  size: uint(),
  published: uint(),
  sealedSecondsAgo: z.number().min(0).nullable().describe('Age of the seal published last; null before the first'),
  witnesses: z.array(z.object({ name: word, size: uint(), failures: uint().describe('In a row') })).max(1000),
  following: z
    .object({
      leader: word,
      size: uint().describe('Of the last checkpoint that was seen there'),
      behind: uint().describe('Entries of it that are not here yet'),
      trouble: word.optional().describe('Why it cannot be followed for now'),
    })
    .optional()
    .describe('Of a follower: what it follows, and how far'),
})

/** `GET /healthz` and `GET /readyz`: how the ledger is, for people and for what spreads load. */
export function healthRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['public'],
        summary: 'Whether the ledger takes batches',
        response: { 200: healthSchema },
      },
    },
    async () => {
      if (log.stopped !== undefined) throw log.stopped
      const { held, size, publisher } = log
      const why = held === undefined ? { status: 'ok' } : { status: held.code, detail: held.message.slice(0, 1024) }
      const { published } = publisher
      const sealedSecondsAgo = published === undefined ? null : Math.max(0, log.timeMs - published.seal.time) / 1000
      const said = { ...why, size, published: published?.size ?? 0, sealedSecondsAgo, witnesses: log.witnesses }
      return log.following === undefined ? said : { ...said, following: log.following }
    },
  )

  server.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['public'],
        summary: 'Whether to send batches here, or, of a follower, reads: for what spreads load',
        response: { 200: z.object({ status: z.literal('ok') }), ...problems(507) },
      },
    },
    () => {
      const { following } = log
      const why = log.stopped ?? (following === undefined ? log.held : following.notReady)
      if (why !== undefined) throw why
      return { status: 'ok' as const }
    },
  )
}
