import { z } from 'zod'
import { utf8Encode } from '../../core/bytes.ts'
import { formatPolicy, type Policy } from '../../core/note/policy.ts'
import { parseTilePath } from '../../core/tree/tile.ts'
import type { ServedLog } from '../../log/index.ts'
import { bytesOf, HttpError, JSON_LINES, OCTETS, problems, type Server, sendBytes, TEXT } from '../../serving/index.ts'
import { formatSealed } from '../../verify/sealed-checkpoint.ts'
import { callerOf, mayAudit } from '../caller.ts'
import { inPath, perhapsWithToken } from '../shapes.ts'

/** Tiles never change once they are there. */
const IMMUTABLE = 'max-age=31536000, immutable'

const fileNumber = z.object({ n: inPath(999_999_999) })

function notPublished(): HttpError {
  return new HttpError(404, 'not-published', 'No checkpoint yet: the first follows the first seal.')
}

/** The log as it is published: checkpoint, tiles, seal, archive, totals, policy; entry tiles are for auditors. */
export function publishedRoutes(server: Server, log: ServedLog, policy: Policy): void {
  server.get(
    '/checkpoint',
    {
      schema: {
        operationId: 'getCheckpoint',
        tags: ['public'],
        summary: 'The latest checkpoint, a signed note',
        response: { ...bytesOf(TEXT, 'A signed note (c2sp.org/tlog-checkpoint)'), ...problems(404) },
      },
    },
    async (_, reply) => {
      const { published } = log.publisher
      if (published === undefined) throw notPublished()
      // As tlog-tiles has it: mutable, so cached for seconds at most.
      return sendBytes(reply, published.checkpoint, TEXT, 'public, max-age=1')
    },
  )

  server.get(
    '/tile/*',
    {
      schema: {
        operationId: 'getTile',
        tags: ['public', 'auditor'],
        security: perhapsWithToken,
        summary: 'A tile of hashes (all), or an entry bundle tile/entries/<N> (auditors): c2sp.org/tlog-tiles',
        params: z.object({ '*': z.string().max(64).describe('`<L>/<N>[.p/<W>]`, or `entries/<N>[.p/<W>]`') }),
        response: { ...bytesOf(OCTETS, 'Hashes of 32 bytes, or an entry bundle'), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { level, index, width } = parseTilePath(`tile/${request.params['*']}`)
      if (level === 'entries') mayAudit(await callerOf(log, request))
      const bytes = level === 'entries' ? await log.entryBundle(index, width) : await log.tile(level, index, width)
      if (bytes === undefined)
        throw new HttpError(404, 'not-published', 'The published log does not have this tile, or not that wide.')
      const cacheControl = level === 'entries' ? `private, ${IMMUTABLE}` : `public, ${IMMUTABLE}`
      return sendBytes(reply, bytes, OCTETS, cacheControl)
    },
  )

  server.get(
    '/seal',
    {
      schema: {
        operationId: 'getSeal',
        tags: ['public'],
        summary: 'The latest checkpoint and the seal that is its last entry, a line of JSON (SPEC §11)',
        response: { ...bytesOf(JSON_LINES, 'A line of JSON'), ...problems(404) },
      },
    },
    async (_, reply) => {
      const { sealed } = log.publisher
      if (sealed === undefined) throw notPublished()
      return sendBytes(reply, utf8Encode(formatSealed(sealed)), JSON_LINES, 'public, max-age=1')
    },
  )

  server.get(
    '/archive/:n',
    {
      schema: {
        operationId: 'getArchive',
        tags: ['public'],
        summary: 'Cosigned checkpoints with their seals, one each ten minutes, 144 lines of JSON a file (SPEC §11)',
        params: fileNumber,
        response: { ...bytesOf(JSON_LINES, 'Lines of JSON'), ...problems(404) },
      },
    },
    async (request, reply) => {
      const lines = await log.archived(request.params.n)
      if (lines === undefined) throw new HttpError(404, 'not-published', 'The archive has no such file, or not yet.')
      return sendBytes(reply, lines, JSON_LINES, 'public, max-age=60')
    },
  )

  server.get(
    '/totals/:n',
    {
      schema: {
        operationId: 'getTotals',
        tags: ['public'],
        summary: 'What was issued, spent and is owed, as of one seal a day, signed: 32 lines of JSON a file (SPEC §11)',
        params: fileNumber,
        response: { ...bytesOf(JSON_LINES, 'Lines of JSON'), ...problems(404) },
      },
    },
    async (request, reply) => {
      const lines = await log.publisher.openedTotals(request.params.n)
      if (lines === undefined)
        throw new HttpError(404, 'not-published', 'No totals were opened in that file, or not yet.')
      return sendBytes(reply, lines, JSON_LINES, 'public, max-age=60')
    },
  )

  server.get(
    '/policy',
    {
      schema: {
        operationId: 'getPolicy',
        tags: ['public'],
        summary: 'The trust policy that the ledger proposes: c2sp.org/tlog-policy',
        response: bytesOf(TEXT, 'The text of a policy'),
      },
    },
    async (_, reply) => sendBytes(reply, utf8Encode(formatPolicy(policy)), TEXT, 'public, max-age=60'),
  )
}
