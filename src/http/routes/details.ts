import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { fromBase64, fromHex, toBase64, toHex, utf8Encode } from '../../core/bytes.ts'
import { ID_BYTES } from '../../core/entry/id.ts'
import { FormatError } from '../../core/failure.ts'
import { DETAILS_BYTES_MAX } from '../../core/limits.ts'
import type { NoDetails, ServedLog } from '../../log/index.ts'
import { HttpError, problems, type Server } from '../../serving/index.ts'
import { callerOf, canReadAccount, mayKeepDetails, mayReadAccount, mayRun } from '../caller.ts'
import { account, base64Of32, hex, uint, withToken } from '../shapes.ts'

const NO_DETAILS: Readonly<Record<NoDetails, readonly [status: number, what: string]>> = {
  'details-unknown': [404, 'No details are kept for this commitment.'],
  'details-erased': [410, 'The details of this commitment were erased; an entry of its account says so.'],
  'no-operator': [409, 'The ledger has no operator key of its own that stands, so it cannot write this down.'],
  'not-consented': [403, 'No consent of the account to show this to you stands. Name it with ?grant=.'],
}

function noDetails(why: NoDetails): HttpError {
  const [status, what] = NO_DETAILS[why]
  return new HttpError(status, why, what)
}

const commitment = z.string().max(64).describe('Hex, as a transaction carries it')

const keptDetailsSchema = z.object({ commitment: hex(32), salt: base64Of32 })
const detailsSchema = z.object({ account, salt: base64Of32, text: z.string().max(DETAILS_BYTES_MAX) })
const erasedSchema = z.object({ index: uint().describe('Log index of the entry') })

/** Details under commitments, off the log: kept, shown and erased (SPEC §5, §7). */
export function detailsRoutes(server: Server, log: ServedLog): void {
  server.post(
    '/v1/details',
    {
      onRequest: async request => mayKeepDetails(await callerOf(log, request)),
      schema: {
        operationId: 'keepDetails',
        tags: ['platform'],
        security: withToken,
        summary: 'Keep details off the log; answers with the commitment for the transaction',
        body: z.strictObject({
          account,
          text: z.string().min(1).max(DETAILS_BYTES_MAX),
          salt: z.string().max(44).optional().describe('32 random bytes, base64; by default the ledger draws them'),
        }),
        response: {
          201: keptDetailsSchema,
          ...problems(404, 409, 410, 421, 507),
        },
      },
    },
    async (request, reply) => {
      const { account, text } = request.body
      if (utf8Encode(text).length > DETAILS_BYTES_MAX)
        throw new FormatError('details', `text: details have at most ${DETAILS_BYTES_MAX} bytes`)
      const salt = request.body.salt === undefined ? new Uint8Array(randomBytes(32)) : fromBase64(request.body.salt)
      if (salt.length !== 32) throw new FormatError('details', `salt: a salt has 32 bytes, not ${salt.length}`)
      const kept = await log.details.put({ account, salt, text })
      if (typeof kept === 'string') throw noDetails(kept)
      return reply.status(201).send({ commitment: toHex(kept), salt: toBase64(salt) })
    },
  )

  server.get(
    '/v1/details/:commitment',
    {
      schema: {
        operationId: 'getDetails',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'The details of a commitment',
        description:
          'For the owner of the account, its custodian, the platform and auditors. Any other registered key ' +
          'needs a consent that the account gave to it, named by `grant`; that it is shown to it becomes an ' +
          'entry of the account first.',
        params: z.object({ commitment }),
        querystring: z.object({ grant: z.string().max(32).optional().describe('Id of the consent, hex') }),
        response: {
          200: detailsSchema,
          ...problems(404, 409, 410, 421),
        },
      },
    },
    async request => {
      const caller = await callerOf(log, request)
      const found = await log.details.get(fromHex(request.params.commitment, 32))
      if (typeof found === 'string') throw noDetails(found)
      const { grant } = request.query
      if (caller.record !== undefined && caller.account === undefined && grant !== undefined) {
        const shown = await log.details.disclose(found, caller.record, fromHex(grant, ID_BYTES))
        if (typeof shown === 'string') throw noDetails(shown)
      } else if (caller.role !== 'owner' && !canReadAccount(log, caller, [found.account]))
        throw noDetails('not-consented')
      else mayReadAccount(log, caller, [found.account])
      return { account: found.account, salt: toBase64(found.salt), text: found.text }
    },
  )

  server.delete(
    '/v1/details/:commitment',
    {
      schema: {
        operationId: 'eraseDetails',
        tags: ['member', 'platform'],
        security: withToken,
        summary: 'Erase salt and text of a commitment, and write down that they were erased',
        description:
          'For the owner of the account, its custodian and the platform. What stays: account, amounts, times and rule.',
        params: z.object({ commitment }),
        response: {
          200: erasedSchema,
          ...problems(404, 409, 410, 421),
        },
      },
    },
    async request => {
      const caller = await callerOf(log, request)
      const bytes = fromHex(request.params.commitment, 32)
      const found = await log.details.get(bytes)
      if (typeof found === 'string') throw noDetails(found)
      if (caller.role === 'owner' || caller.role === 'custodian') mayReadAccount(log, caller, [found.account])
      else mayRun(caller)
      const index = await log.details.erase(found.account, bytes)
      if (typeof index === 'string') throw noDetails(index)
      return { index }
    },
  )
}
