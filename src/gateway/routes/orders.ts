import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import type { OrderDone } from '../orders.ts'
import { keyIn } from './points.ts'
import {
  bodyRefusals,
  doneShape,
  doneShown,
  key,
  member,
  onceHeaders,
  order,
  points,
  reason,
  refusals,
  security,
  span,
  spanMs,
  time,
  timeText,
  total,
  unit,
  writeRefusals,
} from './schemas.ts'

const params = z.object({ order })
const doneSchema = z.object({
  order: z.string(),
  state: z.enum(['held', 'captured', 'released', 'refunded']),
  member: z.string(),
  unit: z.string(),
  points: z.int(),
  until: time.optional().meta({ description: 'Until when they can be captured' }),
  key: z.string().optional().meta({ description: 'Of a refund of a part: the key under which it counts once' }),
  ...doneShape,
})
type DoneOrder = z.infer<typeof doneSchema>

/** Points as a payment for orders: quoted, held, captured, released, refunded. */
export function orderRoutes(server: Server, { orders }: Gateway): void {
  server.get(
    '/v1/orders/:order',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getOrder',
        tags: ['orders'],
        security,
        summary: 'What became of the points of an order',
        params,
        response: {
          200: z.object({
            order: z.string(),
            state: z.enum(['held', 'captured', 'released', 'ended']),
            member: z.string(),
            unit: z.string(),
            held: z.int(),
            captured: z.int(),
            refunded: z.int(),
            until: time,
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const { unit, untilMs, account: _, ...view } = await orders.view(request.params.order)
      return { ...view, unit: unit.name, until: timeText(untilMs) }
    },
  )

  server.post(
    '/v1/orders/:order/quote',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'quoteOrder',
        tags: ['orders'],
        security,
        summary: 'How many points a member can spend on an order',
        params,
        body: z
          .strictObject({ member, total: total.optional(), unit })
          .meta({ examples: [{ member: 'cust_8842', total: 2590 }] }),
        response: {
          200: z.object({
            order: z.string(),
            member: z.string(),
            unit: z.string(),
            available: z.int(),
            points: z.int().meta({ description: 'The most that may be spent on it' }),
            cents: z.int().optional().meta({ description: 'What that is worth, where the shop has said so' }),
          }),
          ...bodyRefusals,
        },
      },
    },
    async request => {
      const { member, total, unit: name } = request.body
      const { unit, account: _, ...quote } = await orders.quote(member, total, name)
      return { order: request.params.order, ...quote, unit: unit.name }
    },
  )

  server.post(
    '/v1/orders/:order/hold',
    {
      config: { scope: 'spend', isAct: true },
      schema: {
        operationId: 'holdOrder',
        tags: ['orders'],
        security,
        summary: 'Set points aside for an order',
        description: 'The order is the key: sent again, it counts once. Refused, it can be asked again, for less.',
        params,
        body: z
          .strictObject({ member, points, total: total.optional(), unit, for: span.optional() })
          .meta({ examples: [{ member: 'cust_8842', points: 100, total: 2590, for: '30m' }] }),
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { for: text, ...asked } = request.body
      const forMs = text === undefined ? undefined : spanMs(text)
      const done = await orders.hold(request.params.order, { ...asked, forMs })
      const until = timeText(done.untilMs)
      return reply.status(done.isRepeated ? 200 : 201).send({ ...shown('held', done), until })
    },
  )

  server.post(
    '/v1/orders/:order/capture',
    {
      config: { scope: 'spend', isAct: true },
      schema: {
        operationId: 'captureOrder',
        tags: ['orders'],
        security,
        summary: 'Take the points that are held for an order, all or a part; the rest goes back',
        params,
        body: z
          .strictObject({ points: points.optional() })
          .default({})
          .meta({ examples: [{ points: 80 }] }),
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const done = await orders.capture(request.params.order, request.body.points)
      return reply.status(done.isRepeated ? 200 : 201).send(shown('captured', done))
    },
  )

  server.post(
    '/v1/orders/:order/release',
    {
      config: { scope: 'spend', isAct: true },
      schema: {
        operationId: 'releaseOrder',
        tags: ['orders'],
        security,
        summary: 'Give back the points that are held for an order',
        params,
        body: z.strictObject({}).default({}),
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const done = await orders.release(request.params.order)
      return reply.status(done.isRepeated ? 200 : 201).send(shown('released', done))
    },
  )

  server.post(
    '/v1/orders/:order/refund',
    {
      config: { scope: 'spend', isAct: true },
      schema: {
        operationId: 'refundOrder',
        tags: ['orders'],
        security,
        summary: 'Give back points that were captured, all that is left or a part, to the lots that they came from',
        description:
          'Part by part, each under a key of its own; in sum never more than was taken. Without a key, one is drawn for a ' +
          'part, and is in the answer; all that is left is given back once for the order.',
        headers: onceHeaders,
        params,
        body: z
          .strictObject({ points: points.optional(), reason: reason.optional(), id: key.optional() })
          .default({})
          .meta({ examples: [{ points: 30, id: 'return-77' }] }),
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { points, reason, id } = request.body
      const key = keyIn(id, request.headers['idempotency-key']) ?? (points === undefined ? undefined : randomUUID())
      const done = await orders.refund(request.params.order, { points, key, reason })
      const shownKey = key === undefined ? {} : { key }
      return reply.status(done.isRepeated ? 200 : 201).send({ ...shown('refunded', done), ...shownKey })
    },
  )
}

function shown(state: DoneOrder['state'], done: OrderDone): DoneOrder {
  const { order, member, unit, points } = done
  return { order, state, member, unit: unit.name, points, ...doneShown(done) }
}
