import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { PRIVATE, type Server } from '../../serving/index.ts'
import type { Gateway } from '../gateway.ts'
import {
  cursor,
  decodeCursor,
  encodeCursor,
  limit,
  member,
  refusals,
  security,
  time,
  writeRefusals,
} from './schemas.ts'

const erasureSchema = z.object({
  mark: z.string().meta({ description: 'Of her id, by the secret of the shop' }),
  at: time,
  by: z.string(),
  accounts: z.array(z.int()),
})

/** What a member may ask for, and who looked at what. */
export function rightsRoutes(server: Server, gateway: Gateway): void {
  server.get(
    '/v1/members/:member/copy',
    {
      config: { scope: 'rights' },
      schema: {
        operationId: 'copyMember',
        tags: ['rights'],
        security,
        summary: 'A copy of all that is kept of a member',
        description:
          'Accounts with balance and statement, every entry as it stands in the log, their details, events of ' +
          'programmes, what waits for webhooks, and who looked at it.',
        params: z.object({ member }),
        response: { 200: z.looseObject({ format: z.string(), member: z.string() }), ...refusals },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', PRIVATE)
      return (await gateway.rights.copyOf(request.params.member)) as { format: string; member: string }
    },
  )

  server.post(
    '/v1/members/:member/erase',
    {
      config: { scope: 'rights' },
      schema: {
        operationId: 'eraseMember',
        tags: ['rights'],
        security,
        summary: 'Erase all that says who a member is and what she did',
        description:
          'Her id, the details of her entries here and at the ledger, her events, links, and what waits for webhooks. Her ' +
          'accounts stay, under their numbers; nobody finds them by her id. What is put in place of the memory from a ' +
          'backup is erased again at the next start.',
        params: z.object({ member }),
        body: z
          .strictObject({
            leave: z
              .boolean()
              .optional()
              .meta({ description: 'Also where she has points, which then nobody can spend' }),
          })
          .nullish(),
        response: {
          200: erasureSchema.extend({
            ...{ details: z.int(), events: z.int(), links: z.int(), deliveries: z.int() },
          }),
          ...writeRefusals,
        },
      },
    },
    async request => {
      const { member } = request.params
      const erased = await gateway.rights.erase(member, request.caller!.name, request.body?.leave === true)
      return { ...erased, accounts: [...erased.accounts] }
    },
  )

  server.get(
    '/v1/erasures',
    {
      config: { scope: 'rights' },
      schema: {
        operationId: 'listErasures',
        tags: ['rights'],
        security,
        summary: 'Who was erased, and when: marks, as no ids are kept',
        response: { 200: z.object({ erasures: z.array(erasureSchema) }), ...refusals },
      },
    },
    async () => ({
      erasures: (await gateway.rights.list()).map(one => ({ ...one, accounts: [...one.accounts] })),
    }),
  )

  server.post(
    '/v1/erasures/apply',
    {
      config: { scope: 'rights' },
      schema: {
        operationId: 'applyErasures',
        tags: ['rights'],
        security,
        summary: 'Erase again all who were erased: after the ledger was restored from a backup',
        description: 'A memory that was restored needs no such call: it is done when the gateway starts.',
        body: z.strictObject({}).nullish(),
        response: { 200: z.object({ erased: z.int() }), ...writeRefusals },
      },
    },
    async () => ({ erased: await gateway.rights.apply({ isForced: true }) }),
  )

  server.get(
    '/v1/looks',
    {
      config: { scope: 'rights' },
      schema: {
        operationId: 'listLooks',
        tags: ['rights'],
        security,
        summary: 'What was looked at, by which key or person, and of which member; what persons did; the newest first',
        description: 'Kept for 400 days. Of who was erased it has the mark in place of the id.',
        querystring: z.strictObject({
          member: member.optional(),
          key: z
            .string()
            .max(255)
            .optional()
            .meta({ description: 'Name of a key of the API, or @ and that of a person' }),
          limit,
          cursor,
        }),
        response: {
          200: z.object({
            looks: z.array(
              z.object({
                ...{ at: time, key: z.string(), what: z.string(), member: z.string().nullable() },
                order: z.string().optional(),
              }),
            ),
            next: z.string().nullable(),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const { member, key, limit, cursor } = request.query
      const before = cursor === undefined ? undefined : decodeCursor('looks', cursor)
      const { looks, next } = await gateway.looks.page({ member, key }, limit, before)
      return { looks, next: next === null ? null : encodeCursor('looks', next) }
    },
  )
}

/** Paths of lists that have something of many members in them. */
const OF_MANY: ReadonlySet<string> = new Set(['/v1/members', '/v1/expiring', '/v1/activity', '/v1/complaints'])

/** Scopes of acts that are noted of keys, too. */
const SHOP_SCOPES: ReadonlySet<string | undefined> = new Set(['freeze', 'budgets', 'keys', 'clock'])

/** Notes that staff looked at a member, one or many, and all that a person who is signed in did. */
export function noteLooks({ looks, nowMs }: Gateway, request: FastifyRequest, reply: FastifyReply): void {
  const { caller, method, routeOptions } = request
  if (caller === undefined || reply.statusCode >= 400) return
  const { member = null, order } = (request.params ?? {}) as { member?: string; order?: string }
  const path = routeOptions.url ?? ''
  // Of a person all that was done is noted; what a key did stands in the log, under its idempotency key.
  const isOfShop = SHOP_SCOPES.has(routeOptions.config.scope)
  const isNoted =
    method !== 'GET' ? caller.isPerson || isOfShop : member !== null || order !== undefined || OF_MANY.has(path)
  if (!isNoted) return
  looks.note(nowMs(), {
    ...{ key: caller.name, what: `${method} ${path}`, member },
    ...(order === undefined ? {} : { order }),
  })
}
