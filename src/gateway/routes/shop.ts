import { z } from 'zod'
import { AMOUNT_MAX } from '../../core/limits.ts'
import { HttpError, PRIVATE, type Server } from '../../serving/index.ts'
import { API_SCOPES } from '../api-keys.ts'
import { scopesOf } from '../authorise.ts'
import { conflict, missing } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { keyIn } from './points.ts'
import {
  doneShape,
  doneShown,
  key,
  member,
  onceHeaders,
  points,
  refusals,
  security,
  time,
  unit,
  writeRefusals,
} from './schemas.ts'

const KEYS_MAX = 1000
const RATE_MAX = 1_000_000

const frozenSchema = z.object({
  ...{ member: z.string(), unit: z.string(), account: z.int(), status: z.enum(['open', 'frozen']) },
  entry: doneShape.entry.nullable().meta({ description: 'Log index of its entry; null where it was so already' }),
})

const keyName = key.refine(name => !name.startsWith('@'), 'names of persons begin with @, and names of keys do not')
const scopes = z.array(z.enum(API_SCOPES)).min(1)
const apiKeySchema = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  rate: z.int().meta({ description: 'Requests a second that it may make' }),
  merchants: z.array(z.int()).optional(),
  made: time,
  revoked: time.optional(),
})

const budgetSchema = z.object({
  unit: z.string(),
  account: z.int(),
  left: z.int().meta({ description: 'Points that are left to give' }),
  treasury: z.int(),
})

/** Accounts that are frozen, budgets that are filled, and the keys of the shop. */
export function shopRoutes(server: Server, gateway: Gateway): void {
  for (const act of ['freeze', 'unfreeze'] as const)
    server.post(
      `/v1/members/:member/${act}`,
      {
        config: { scope: 'freeze', isAct: true },
        schema: {
          operationId: `${act}Member`,
          tags: ['members'],
          security,
          summary:
            act === 'freeze' ? 'Stop the account of a member from spending' : 'Let the account of a member spend again',
          description: 'She can still be given points. An account that is so already stays so: `entry` is null.',
          params: z.object({ member }),
          body: z
            .strictObject({
              unit,
              ...(act === 'unfreeze'
                ? {}
                : {
                    reason: z.int().min(0).max(255).optional().meta({
                      description: 'A number of your own, which stands in the log; 0 by default',
                    }),
                  }),
            })
            .default({}),
          response: { 200: frozenSchema, ...writeRefusals },
        },
      },
      async request => {
        const { unit, reason = 0 } = request.body as { unit?: string; reason?: number }
        const isFrozen = act === 'freeze'
        const at = await gateway.accounts.freeze(request.params.member, { unit, isFrozen, reason })
        const status = isFrozen ? ('frozen' as const) : ('open' as const)
        return { member: at.member, unit: at.unit.name, account: at.account, status, entry: at.done?.index ?? null }
      },
    )

  server.get(
    '/v1/shop/budgets',
    {
      config: { scope: 'budgets' },
      schema: {
        operationId: 'listShopBudgets',
        tags: ['shop'],
        security,
        summary: 'The budgets of the shop, and what is left in each',
        response: { 200: z.object({ budgets: z.array(budgetSchema) }), ...refusals },
      },
    },
    async () => ({
      budgets: (await gateway.accounts.budgets()).map(({ unit, row }) => ({
        ...{ unit: unit.name, account: unit.budget, left: row.left, treasury: unit.treasury },
      })),
    }),
  )

  server.post(
    '/v1/shop/budgets/:unit/fund',
    {
      config: { scope: 'budgets', isAct: true },
      schema: {
        operationId: 'fundBudget',
        tags: ['shop'],
        security,
        summary: 'Fill the budget of a unit from its treasury',
        description: 'Signed by the treasurer of the ledger, whose key the gateway has to have: --treasurer.',
        headers: onceHeaders,
        params: z.object({ unit: z.string().min(1).max(32) }),
        body: z.strictObject({ points, id: key.optional() }).meta({ examples: [{ points: 100_000 }] }),
        response: {
          ...{ 200: z.object({ unit: z.string(), points: z.int().max(AMOUNT_MAX), key: z.string(), ...doneShape }) },
          ...{ 201: z.object({ unit: z.string(), points: z.int().max(AMOUNT_MAX), key: z.string(), ...doneShape }) },
          ...writeRefusals,
        },
      },
    },
    async (request, reply) => {
      const { points, id } = request.body
      const key = keyIn(id, request.headers['idempotency-key'])
      const done = await gateway.accounts.fund(request.params.unit, { points, key })
      const shown = { unit: done.unit.name, points, key: done.key, ...doneShown(done) }
      return reply.status(done.isRepeated ? 200 : 201).send(shown)
    },
  )

  server.get(
    '/v1/shop/keys',
    {
      config: { scope: 'keys' },
      schema: {
        operationId: 'listKeys',
        tags: ['shop'],
        security,
        summary: 'The keys of this API, and the keys with which the gateway signs',
        response: {
          200: z.object({
            keys: z.array(apiKeySchema).max(KEYS_MAX),
            signing: z
              .array(z.object({ role: z.string(), record: z.int(), since: z.int(), until: z.int().nullable() }))
              .meta({ description: 'By record of the ledger; since and until which entry each is valid' }),
          }),
          ...refusals,
        },
      },
    },
    async () => ({
      keys: (await gateway.apiKeys.list()).map(({ merchants, revoked, scopes, ...one }) => ({
        ...{ ...one, scopes: [...scopes] },
        ...(merchants === undefined ? {} : { merchants: [...merchants] }),
        ...(revoked === undefined ? {} : { revoked }),
      })),
      signing: await gateway.rulebook.keys(gateway.shop),
    }),
  )

  server.post(
    '/v1/shop/keys',
    {
      config: { scope: 'keys' },
      schema: {
        operationId: 'addKey',
        tags: ['shop'],
        security,
        summary: 'Make a key of this API, which is shown this once',
        description: 'A key is given no scope that its maker does not have.',
        body: z
          .strictObject({ name: keyName, scopes, rate: z.int().min(1).max(RATE_MAX).default(100) })
          .meta({ examples: [{ name: 'till-2', scopes: ['earn', 'spend'] }] }),
        response: {
          201: z.object({ name: z.string(), key: z.string(), scopes: z.array(z.string()) }),
          ...writeRefusals,
        },
      },
    },
    async (request, reply) => {
      const { name, scopes, rate } = request.body
      const own = scopesOf(request)
      const more = scopes.find(scope => !own.includes(scope))
      if (more !== undefined)
        throw new HttpError(403, 'key-scope', `You may not do what needs ${more}, so no key of yours may.`)
      reply.header('cache-control', PRIVATE)
      const isKnown = (await gateway.apiKeys.list()).some(one => one.name === name && one.revoked === undefined)
      if (isKnown)
        throw conflict('key-exists', `There is a key "${name}" already. Revoke it first, or take another name.`)
      return reply.status(201).send({ name, key: await gateway.apiKeys.add(name, scopes, rate), scopes })
    },
  )

  server.delete(
    '/v1/shop/keys/:name',
    {
      config: { scope: 'keys' },
      schema: {
        operationId: 'revokeKey',
        tags: ['shop'],
        security,
        summary: 'Revoke a key of this API: within a second nobody can use it',
        params: z.object({ name: keyName }),
        response: { 204: z.void(), ...writeRefusals },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const isStanding = (await gateway.apiKeys.list()).some(one => one.name === name && one.revoked === undefined)
      if (!isStanding) throw missing('api-key-unknown', `There is no key "${name}" that stands.`)
      await gateway.apiKeys.revoke(name)
      return reply.status(204).send()
    },
  )
}
