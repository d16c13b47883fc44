import { z } from 'zod'
import { toBase64, toHex } from '../../core/bytes.ts'
import type { ServedLog } from '../../log/index.ts'
import { problems, type Server } from '../../serving/index.ts'
import { callerOf, mayAudit } from '../caller.ts'
import { base64Of64, hex, inPath, withToken } from '../shapes.ts'

const saltsSchema = z.object({
  salts: z.array(hex(32)).max(10_000).describe('32 bytes each, hex'),
  signature: base64Of64.describe('64 bytes, base64: the key of the log signs the salts and where they begin'),
})

/** `GET /v1/salts`: the salts of the totals, for auditors. SPEC §11. */
export function saltRoutes(server: Server, log: ServedLog): void {
  server.get(
    '/v1/salts',
    {
      schema: {
        operationId: 'listSalts',
        tags: ['auditor'],
        security: withToken,
        summary: 'The salts of the totals, by epoch, signed by the log',
        querystring: z.object({ from: inPath().default(0), count: inPath(10_000, 1).default(1000) }),
        response: { 200: saltsSchema, ...problems(421) },
      },
    },
    async request => {
      mayAudit(await callerOf(log, request))
      const { from, count } = request.query
      const salts: Uint8Array[] = []
      for (let epoch = from; salts.length < count; epoch++) {
        const salt = log.salt(epoch)
        if (salt === undefined) break
        salts.push(salt)
      }
      return { salts: salts.map(salt => toHex(salt)), signature: toBase64(await log.signSalts(from, salts)) }
    },
  )
}
