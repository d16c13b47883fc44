import { z } from 'zod'
import type { CodedError } from '../../core/failure.ts'
import type { Server } from '../../serving/index.ts'
import { explain } from '../explain.ts'
import { invalid } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import type { PointsDone } from '../points.ts'
import {
  doneShape,
  doneShown,
  key,
  member,
  onceHeaders,
  order,
  points,
  reason,
  security,
  unit,
  writeRefusals,
} from './schemas.ts'

const doneSchema = z.object({
  status: z.enum(['earned', 'adjusted']),
  member: z.string(),
  unit: z.string(),
  points: z.int(),
  key: z.string().meta({ description: 'The key under which it counts once' }),
  account: z.int().meta({ description: 'Number of the account in the ledger' }),
  ...doneShape,
})

const earnSchema = z
  .strictObject({
    member,
    points,
    unit,
    id: key.optional().meta({ description: 'The same as the header Idempotency-Key' }),
    order: order.optional(),
    reason: reason.optional(),
    rule: z.string().max(32).optional().meta({ description: 'Name of a published rule' }),
  })
  .meta({ examples: [{ member: 'cust_8842', points: 50 }] })

/** Earnings of one list at most. */
export const LISTED_MAX = 1000

const listedSchema = z.object({
  id: z.string(),
  status: z.enum(['earned', 'refused']),
  points: z.int().optional(),
  entry: z.int().optional().meta({ description: 'Log index of its entry, also of one that was refused' }),
  repeated: z.boolean().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  retryable: z.boolean().optional(),
  receipt: z.string().optional(),
})

/** Points that members are given, and corrections. */
export function pointsRoutes(server: Server, gateway: Gateway): void {
  server.post(
    '/v1/earn',
    {
      config: { scope: 'earn', isAct: true },
      schema: {
        operationId: 'earn',
        tags: ['points'],
        security,
        summary: 'Give a member points',
        description: 'Opens her account where she has none. Under one key it counts once, for ever.',
        headers: onceHeaders,
        body: earnSchema,
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { id, ...earning } = request.body
      const done = await gateway.points.earn({ ...earning, key: keyIn(id, request.headers['idempotency-key']) })
      return reply.status(done.isRepeated ? 200 : 201).send(shown('earned', done))
    },
  )

  server.post(
    '/v1/earnings',
    {
      config: { scope: 'earn' },
      schema: {
        operationId: 'earnMany',
        tags: ['points'],
        security,
        summary: 'Give points to many, each under a key of its own',
        description: 'Each counts alone: what is refused of one is in its row, and the others are done.',
        body: z
          .strictObject({
            earnings: z
              .array(earnSchema.extend({ id: key }))
              .min(1)
              .max(LISTED_MAX),
          })
          .meta({ examples: [{ earnings: [{ member: 'cust_8842', points: 50, id: 'visit-1' }] }] }),
        response: { 200: z.object({ results: z.array(listedSchema) }), ...writeRefusals },
      },
    },
    async request => ({
      results: await Promise.all(
        request.body.earnings.map(async ({ id, ...earning }): Promise<z.infer<typeof listedSchema>> => {
          try {
            const { points, index, isRepeated } = await gateway.points.earn({ ...earning, key: id })
            return { id, status: 'earned', points, entry: index, repeated: isRepeated }
          } catch (error) {
            const problem = explain(error as CodedError)
            if (problem === undefined) throw error
            const { code, detail, members } = problem
            return { id, status: 'refused', code, detail, ...members }
          }
        }),
      ),
    }),
  )

  server.post(
    '/v1/members/:member/adjust',
    {
      config: { scope: 'adjust', isAct: true },
      schema: {
        operationId: 'adjustMember',
        tags: ['points'],
        security,
        summary: 'Correct what a member has, for a reason that is kept in the details of the entry',
        description: 'Points above 0 are given, below 0 taken: never more than she can spend.',
        headers: onceHeaders,
        params: z.object({ member }),
        body: z
          .strictObject({
            points: z.int().refine(points => points !== 0, 'points are above or below 0'),
            reason,
            unit,
            id: key.optional(),
          })
          .meta({ examples: [{ points: -20, reason: 'counted twice at the till' }] }),
        response: { 200: doneSchema, 201: doneSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { id, ...adjusting } = request.body
      const key = keyIn(id, request.headers['idempotency-key'])
      const done = await gateway.points.adjust(request.params.member, { ...adjusting, key })
      return reply.status(done.isRepeated ? 200 : 201).send(shown('adjusted', done))
    },
  )
}

/** The key of a request, in its body or its header. @throws GatewayError `request-invalid` where they differ. */
export function keyIn(id: string | undefined, header: string | undefined): string | undefined {
  if (id !== undefined && header !== undefined && id !== header)
    throw invalid('body/id: it differs from the header Idempotency-Key, and is the same thing.')
  return id ?? header
}

function shown(status: 'earned' | 'adjusted', done: PointsDone) {
  const { member, unit, points, key, account } = done
  return { status, member, unit: unit.name, points, key, account, ...doneShown(done) }
}
