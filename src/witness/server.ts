import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { utf8Encode } from '../core/bytes.ts'
import { ADD_CHECKPOINT_BYTES_MAX, TLOG_SIZE_TYPE } from '../core/note/add-checkpoint.ts'
import { formatVerifierKey } from '../core/note/note.ts'
import type { Witness } from './witness.ts'

const TEXT = 'text/plain; charset=utf-8'

/**
 * The HTTP surface of a witness, not yet listening: `POST /add-checkpoint`; for monitors, and for a log that starts,
 * `GET /<SHA-256 of the origin, hex>/checkpoint`; and its key at `GET /`.
 *
 * @example
 * const register = await Register.open('witness')
 * const server = buildWitnessServer(new Witness({ key, seed, logs, register, nowMs: Date.now }))
 * await server.listen({ host: '127.0.0.1', port: 8090 })
 */
export function buildWitnessServer(witness: Witness): FastifyInstance {
  const server = fastify({ bodyLimit: ADD_CHECKPOINT_BYTES_MAX, forceCloseConnections: 'idle' })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  server.get('/', async (_, reply) => answer(reply, 200, TEXT, `${formatVerifierKey(witness.key)}\n`))
  server.get<{ Params: { originHash: string } }>('/:originHash/checkpoint', async (request, reply) => {
    const note = witness.latest(request.params.originHash)
    if (note === undefined) return answer(reply, 404, TEXT, 'this witness has cosigned no checkpoint of such a log\n')
    // Public, and signed: a page of anybody's may read it, such as a member's wallet.
    return answer(reply.header('access-control-allow-origin', '*'), 200, TEXT, note)
  })
  server.post('/add-checkpoint', async (request, reply) => {
    const { buffer, byteOffset, length } = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
    const verdict = await witness.addCheckpoint(new Uint8Array(buffer, byteOffset, length))
    if (verdict.status === 200) return answer(reply, 200, TEXT, verdict.line)
    if (verdict.status === 409) return answer(reply, 409, TLOG_SIZE_TYPE, `${verdict.size}\n`)
    return answer(reply, verdict.status, TEXT, `${verdict.why}\n`)
  })
  return server
}

/** Sends bytes, to whose type the framework adds nothing. */
function answer(reply: FastifyReply, status: number, type: string, body: string | Uint8Array): FastifyReply {
  return reply
    .status(status)
    .header('content-type', type)
    .send(Buffer.from(typeof body === 'string' ? utf8Encode(body) : body))
}
