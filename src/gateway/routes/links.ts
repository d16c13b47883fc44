import { z } from 'zod'
import { toBase64 } from '../../core/bytes.ts'
import { bytesOf, CBOR, PRIVATE, type Server, sendBytes } from '../../serving/index.ts'
import { cardOf } from '../card.ts'
import { invalid, missing } from '../failure.ts'
import type { Gateway } from '../gateway.ts'
import { ordered } from '../memory.ts'
import type { StoredMovement } from '../movement.ts'
import { balancesOf } from '../views.ts'
import {
  balanceSchema,
  bodyRefusals,
  linkSecurity,
  member,
  refusals,
  security,
  statementQuery,
  unit,
} from './schemas.ts'

const params = z.object({ member })
const querystring = z.strictObject({ unit })
const JSON_TYPE = 'application/json'
/** Where the page is that a link opens (src/web/wallet). */
const PAGE = '/wallet'

/** Links that the shop hands to members, and all that one of them reads. */
export function linkRoutes(server: Server, gateway: Gateway): void {
  server.post(
    '/v1/members/:member/link',
    {
      config: { scope: 'links' },
      schema: {
        operationId: 'makeLink',
        tags: ['links'],
        security,
        summary: 'Make a link for a member: anyone who has it reads what she has, and does nothing',
        description:
          'The token stands in the fragment of the link, which no browser sends. It is shown this once, and stands ' +
          'until DELETE takes back all links of hers. Hand it to her alone.',
        params,
        body: z
          .strictObject({
            origin: z
              .string()
              .max(255)
              .optional()
              .meta({ description: 'Where her browser finds the page', examples: ['https://points.example'] }),
          })
          .nullish(),
        response: { 201: z.object({ link: z.string(), token: z.string() }), ...bodyRefusals },
      },
    },
    async (request, reply) => {
      const id = request.params.member
      const origin = originOf(request.body?.origin ?? `${request.protocol}://${request.host}`)
      // No link is of nobody.
      await balancesOf(gateway, id)
      const token = await gateway.links.make(id)
      return reply.status(201).send({ link: `${origin}${PAGE}#${token}`, token })
    },
  )

  server.delete(
    '/v1/members/:member/link',
    {
      config: { scope: 'links' },
      schema: {
        operationId: 'revokeLinks',
        tags: ['links'],
        security,
        summary: 'Take back all links of a member, at once and for good',
        params,
        response: { 200: z.object({ revoked: z.int() }), ...refusals },
      },
    },
    async request => ({ revoked: await gateway.links.revoke(request.params.member) }),
  )

  server.get(
    '/v1/mine',
    {
      config: { isOfLink: true },
      schema: {
        operationId: 'getMine',
        tags: ['links'],
        security: linkSecurity,
        summary: 'What the member of a link has, in each unit',
        description: 'With the token of a link, and with no key of the API.',
        response: { 200: z.object({ units: z.record(z.string(), balanceSchema) }), ...refusals },
      },
    },
    async request => ({ units: await balancesOf(gateway, request.linkedMember!) }),
  )

  server.get(
    '/v1/mine/card',
    {
      config: { isOfLink: true },
      schema: {
        operationId: 'getMyCard',
        tags: ['links'],
        security: linkSecurity,
        summary: 'The card of the member of a link (SPEC §10)',
        description: 'With the token of a link, and with no key of the API.',
        querystring,
        response: { ...bytesOf(JSON_TYPE, 'A card (SPEC §10)'), ...refusals },
      },
    },
    async (request, reply) => {
      const unit = gateway.members.unit(request.query.unit)
      return sendBytes(reply, await cardOf(gateway, request.linkedMember!, unit), JSON_TYPE, PRIVATE)
    },
  )

  server.get(
    '/v1/mine/statement',
    {
      config: { isOfLink: true },
      schema: {
        operationId: 'getMyStatement',
        tags: ['links'],
        security: linkSecurity,
        summary: 'Proof of all that the member of a link has: application/cbor (SPEC §10)',
        description: 'With the token of a link, and with no key of the API.',
        querystring: statementQuery,
        response: { ...bytesOf(CBOR, 'A statement, or with `lines` a page of it (SPEC §10)'), ...refusals },
      },
    },
    async (request, reply) => {
      const { members, client } = gateway
      const { unit, ...query } = request.query
      const { account } = await members.get(request.linkedMember!, members.unit(unit))
      return sendBytes(reply, await client.statement(account, query), CBOR, PRIVATE)
    },
  )

  server.get(
    '/v1/mine/details/:commitment',
    {
      config: { isOfLink: true },
      schema: {
        operationId: 'getMyDetails',
        tags: ['links'],
        security: linkSecurity,
        summary: 'The details under the commitment of an entry of hers: why so many points, and not more',
        description:
          'With the token of a link, and with no key of the API. SHA-256 of salt and text is the commitment (SPEC §5), ' +
          'so her browser knows that nothing else was meant.',
        params: z.object({ commitment: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits, in lower case') }),
        response: { 200: z.object({ salt: z.string(), text: z.string() }), ...refusals },
      },
    },
    async request => {
      const { commitment } = request.params
      const isHers = await namesDetails(gateway, request.linkedMember!, commitment)
      const found = isHers ? await gateway.details.behind(commitment) : undefined
      if (found === undefined) throw missing('details-unknown', 'No entry of hers has details with this commitment.')
      return { salt: toBase64(found.salt), text: found.text }
    },
  )
}

/** Whether an entry of a member has details with a commitment, hex. Costs a look at each of her entries. */
async function namesDetails({ shop, members, histories, memory }: Gateway, id: string, commitment: string) {
  for (const unit of shop.units) {
    const account = await members.find(id, unit)
    if (account === undefined) continue
    await histories.now(account, unit.record)
    const key = ordered(account)
    const rows = await memory.list<StoredMovement>('movements', { after: key, before: `${key}~` })
    if (rows.some(([, { d }]) => d === commitment)) return true
  }
  return false
}

/** @param text - untrusted. @throws GatewayError `request-invalid`. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
  throw invalid('body/origin: expected where the page is, such as https://points.example, without a path.')
}
