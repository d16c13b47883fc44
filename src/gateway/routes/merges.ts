import { z } from 'zod'
import type { Server } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import type { MemberMerge } from '../merges.ts'
import { member, security, time, timeText, writeRefusals } from './schemas.ts'

const params = z.object({ member })

const mergeSchema = z.object({
  id: z.string(),
  into: z.string().meta({ description: 'The member who stands for both' }),
  units: z.array(
    z.object({
      unit: z.string(),
      account: z.int().meta({ description: 'The account that was merged' }),
      into: z.int().meta({ description: 'The account that has its points' }),
      points: z.int().meta({ description: 'Points that moved' }),
      short: z.int().meta({ description: 'Points that did not come back, as they were spent' }),
      entry: z.int().nullable().meta({ description: 'Log index; null where nothing was left to do' }),
      at: time.nullable(),
      proof: z.string().nullable(),
    }),
  ),
})

/** Two ids of one person, and two again. */
export function mergeRoutes(server: Server, gateway: Gateway): void {
  server.post(
    '/v1/members/:member/merge',
    {
      // It moves all her points, as an adjustment does.
      config: { scope: 'adjust', isAct: true },
      schema: {
        operationId: 'mergeMembers',
        tags: ['members'],
        security,
        summary: 'Merge a member into another who is the same person: all her points move, with their dates',
        description:
          'The old id finds the other from then on, in every request. Asked again, it says the same and brings what ' +
          'came to the old account since. Points that are held are captured or released before.',
        params,
        body: z.strictObject({ into: member }).meta({ examples: [{ into: 'cust_8842' }] }),
        response: { 200: mergeSchema, 201: mergeSchema, ...writeRefusals },
      },
    },
    async (request, reply) => {
      const merge = await gateway.merges.merge(request.params.member, request.body.into)
      return reply.status(isNew(merge) ? 201 : 200).send(shown(merge))
    },
  )

  server.delete(
    '/v1/members/:member/merge',
    {
      // It moves all her points, as an adjustment does.
      config: { scope: 'adjust', isAct: true },
      schema: {
        operationId: 'undoMerge',
        tags: ['members'],
        security,
        summary: 'Undo the merge of a member: her points go back as far as they are still there',
        params,
        response: { 200: mergeSchema, ...writeRefusals },
      },
    },
    async request => shown(await gateway.merges.undo(request.params.member)),
  )
}

const isNew = ({ units }: MemberMerge) => units.some(({ done }) => done !== undefined)

function shown({ member: id, into, units }: MemberMerge): z.infer<typeof mergeSchema> {
  return {
    id,
    into,
    units: units.map(({ unit, from, into: account, points, short, done }) => ({
      ...{ unit: unit.name, account: from, into: account, points, short },
      entry: done?.index ?? null,
      at: done === undefined ? null : timeText(done.timeMs),
      proof: done === undefined ? null : `/v1/proofs/${done.index}`,
    })),
  }
}
