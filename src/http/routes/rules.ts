import { z } from 'zod'
import { FormatError } from '../../core/failure.ts'
import { RULE_BYTES_MAX } from '../../core/limits.ts'
import type { ServedLog } from '../../log/index.ts'
import {
  bytesOf,
  HttpError,
  OCTETS,
  PRIVATE,
  problems,
  type Server,
  sendBytes,
  takeBytes,
} from '../../serving/index.ts'
import { callerOf, mayRun } from '../caller.ts'
import { hex, withToken } from '../shapes.ts'

/** Where a ledger keeps the texts of its rules, each under its digest in hex. */
export interface RuleStore {
  read(digest: string): Promise<Uint8Array | undefined>
  /** @throws FormatError `rule-text`. */
  write(text: Uint8Array): Promise<string>
}

const params = z.object({ digest: hex(32) })
const JSON_TYPE = 'application/json'

/** `/v1/rules/{digest}`: what a rule says, for everyone. Kept before `publish-rule` names it. SPEC §11. */
export async function ruleRoutes(server: Server, log: ServedLog, rules: RuleStore | undefined): Promise<void> {
  server.get(
    '/v1/rules/:digest',
    {
      schema: {
        operationId: 'getRule',
        tags: ['public'],
        summary: 'The text of a rule, by its SHA-256',
        params,
        response: { ...bytesOf(JSON_TYPE, 'The text of the rule'), ...problems(404) },
      },
    },
    async (request, reply) => {
      const text = await rules?.read(request.params.digest)
      if (text === undefined) throw new HttpError(404, 'not-found', 'The ledger keeps no text with this digest.')
      return sendBytes(reply, text, JSON_TYPE, 'public, max-age=31536000, immutable')
    },
  )

  // The bytes of a text are taken as they are, here and nowhere else.
  await server.register(async scope => {
    takeBytes(scope, OCTETS)
    keepRoute(scope as Server, log, rules)
  })
}

function keepRoute(server: Server, log: ServedLog, rules: RuleStore | undefined): void {
  server.put(
    '/v1/rules/:digest',
    {
      bodyLimit: RULE_BYTES_MAX,
      config: { takes: { [OCTETS]: {} } },
      onRequest: async request => mayRun(await callerOf(log, request)),
      schema: {
        operationId: 'keepRule',
        tags: ['platform'],
        security: withToken,
        summary: 'Keep the text of a rule, before it is published',
        description: 'application/octet-stream: the bytes whose SHA-256 is the digest.',
        params,
        response: {
          200: z.object({ digest: hex(32) }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (!(body instanceof Uint8Array))
        throw new HttpError(415, 'media-type', 'Send the text as application/octet-stream.')
      if (rules === undefined) throw new HttpError(404, 'not-found', 'This server keeps no rules.')
      const { digest } = request.params
      if ((await rules.read(digest)) === undefined && (await rules.write(body)) !== digest)
        throw new FormatError('rule-text', 'the bytes have another SHA-256 than the path says')
      reply.header('cache-control', PRIVATE)
      return { digest }
    },
  )
}
