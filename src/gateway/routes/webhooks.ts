import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import { ACTIVITY_TYPES } from '../activity.ts'
import { invalid } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { EXPIRING, type WebhookType, whyNoUrl } from '../webhooks/endpoint.ts'
import type { EndpointState } from '../webhooks/webhooks.ts'
import { activitySchema } from './activity.ts'
import { bodyRefusals, limit, refusals, security, span, spanMs, time, timeText, writeRefusals } from './schemas.ts'

const EVENT_TYPES = [...ACTIVITY_TYPES, EXPIRING] as const satisfies readonly WebhookType[]
const params = z.object({
  id: z
    .string()
    .max(64)
    .meta({ description: 'Of the webhook', examples: ['wh_3pTq…'] }),
})

const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  types: z.array(z.enum(EVENT_TYPES)).nullable().meta({ description: 'Null for all but ledger.sealed' }),
  made: time,
  after: z.int().meta({ description: 'Log index up to which all was written down for it' }),
  waiting: z.int().meta({ description: 'Events that wait' }),
  dead: z.int().meta({ description: 'Events that were given up' }),
  ended: z.string().nullable().meta({ description: 'Why nothing is sent any more; null while it is' }),
})
const secret = z.string().meta({ description: 'Standard Webhooks: whsec_ and base64; shown this once' })

const eventSchema = z.union([
  activitySchema,
  z.object({
    id: z.string(),
    type: z.literal(EXPIRING),
    at: time,
    member: z.string(),
    unit: z.string(),
    points: z.int(),
    expires: time,
  }),
])
const deadSchema = z.object({ event: eventSchema, tries: z.int(), last: z.string() })

function shown({ id, url, types, madeMs, after, waiting, dead, ended }: EndpointState) {
  const told = types === undefined ? null : [...types]
  return { id, url, types: told, made: timeText(madeMs), after, waiting, dead, ended: ended ?? null }
}

/** Webhooks: where the shop is told of what happens, in the form of Standard Webhooks. */
export function webhookRoutes(server: Server, gateway: Gateway): void {
  const config = { scope: 'webhooks' } as const
  const common = { tags: ['webhooks'], security }

  server.post(
    '/v1/webhooks',
    {
      config,
      schema: {
        ...common,
        operationId: 'addWebhook',
        summary: 'Be told of what happens at a URL of yours',
        description:
          'Each event is a POST of `{"type", "timestamp", "data"}`, signed by the headers of Standard Webhooks; `data` ' +
          'is as GET /v1/activity has it. Answer 2xx within 10 s. What fails is sent again for nearly three days, with ' +
          'longer and longer pauses and the same `webhook-id`, and then kept as dead. Order is not promised. 410 ends it.',
        body: z.strictObject({
          url: z
            .string()
            .max(2048)
            .meta({ examples: ['https://shop.example/hooks/points'] }),
          types: z
            .array(z.enum(EVENT_TYPES))
            .min(1)
            .max(EVENT_TYPES.length)
            .optional()
            .meta({ description: 'What to be told of; by default all but ledger.sealed' }),
          within: span.optional().meta({ description: 'How long before they expire points.expiring comes; 7d' }),
          after: z.int().min(-1).optional().meta({ description: 'Log index after which to begin; by default now' }),
        }),
        response: { 201: webhookSchema.extend({ secret }), ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { url, types, within, after } = request.body
      const why = whyNoUrl(url)
      if (why !== undefined)
        throw invalid(`body/url: ${why}. Give an https URL such as https://shop.example/hooks, or one of this machine.`)
      const options = {
        ...(types === undefined ? {} : { types: [...new Set(types)] }),
        ...(within === undefined ? {} : { withinMs: spanMs(within) }),
      }
      const { webhooks, activities } = gateway
      const made = await webhooks.add(url, after ?? (await activities.published()) - 1, options)
      return reply.status(201).send({ ...shown({ ...made, waiting: 0, dead: 0 }), secret: made.secret })
    },
  )

  server.get(
    '/v1/webhooks',
    {
      config,
      schema: {
        ...common,
        operationId: 'listWebhooks',
        summary: 'All webhooks, with what waits for each and what was given up',
        response: { 200: z.object({ webhooks: z.array(webhookSchema) }), ...refusals },
      },
    },
    async () => ({ webhooks: (await gateway.webhooks.list()).map(shown) }),
  )

  server.get(
    '/v1/webhooks/:id/dead',
    {
      config,
      schema: {
        ...common,
        operationId: 'listDeadEvents',
        summary: 'What was given up for a webhook, and what became of the last time it was sent',
        params,
        querystring: z.strictObject({ limit }),
        response: { 200: z.object({ dead: z.array(deadSchema) }), ...refusals },
      },
    },
    async request => {
      const dead = await gateway.webhooks.dead(request.params.id, request.query.limit)
      return { dead: dead.map(({ event, tries, last = '' }) => ({ event, tries, last })) }
    },
  )

  server.post(
    '/v1/webhooks/:id/replay',
    {
      config,
      schema: {
        ...common,
        operationId: 'replayWebhook',
        summary: 'Send again: what was given up, or all after a log index, under the ids that it had',
        params,
        body: z
          .strictObject({
            after: z.int().min(-1).optional().meta({ description: 'Log index; without it, what was given up' }),
          })
          .default({}),
        response: { 200: webhookSchema, ...bodyRefusals },
      },
    },
    async request => shown(await gateway.webhooks.replay(request.params.id, request.body.after)),
  )

  server.post(
    '/v1/webhooks/:id/rotate',
    {
      config,
      schema: {
        ...common,
        operationId: 'rotateWebhookSecret',
        summary: 'Another secret; the one before signs beside it for a day',
        params,
        body: z.strictObject({}).default({}),
        response: { 200: z.object({ secret }), ...bodyRefusals },
      },
    },
    async request => ({ secret: await gateway.webhooks.rotate(request.params.id) }),
  )

  server.delete(
    '/v1/webhooks/:id',
    {
      config,
      schema: {
        ...common,
        operationId: 'removeWebhook',
        summary: 'End a webhook, with all that waits for it',
        params,
        response: { 200: z.object({ removed: z.string() }), ...refusals },
      },
    },
    async request => {
      await gateway.webhooks.remove(request.params.id)
      return { removed: request.params.id }
    },
  )
}
