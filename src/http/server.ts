import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { SUBMISSION_BYTES_MAX } from '../core/limits.ts'
import type { Policy } from '../core/note/policy.ts'
import type { TallyLog } from '../log/index.ts'
import { handleProblems } from './problem.ts'
import { accountRoutes } from './routes/accounts.ts'
import { batchRoutes } from './routes/batches.ts'
import { detailsRoutes } from './routes/details.ts'
import { publicRoutes } from './routes/public.ts'
import { programmeRoutes } from './routes/units-budgets.ts'
import { PRIVATE } from './send.ts'
import type { Server } from './typed-server.ts'

export interface ServerOptions {
  readonly log: TallyLog
  readonly logger: FastifyBaseLogger | undefined
  readonly version: string
  /** What `GET /policy` proposes; by default the log alone. */
  readonly policy?: Policy
}

/** The HTTP surface of a ledger (SPEC §11), not yet listening. */
export async function buildServer({ log, logger, version, policy }: ServerOptions): Promise<Server> {
  const bare = fastify({
    bodyLimit: SUBMISSION_BYTES_MAX,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    ...(logger === undefined ? {} : { loggerInstance: logger }),
  })
  const server: Server = bare.withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.addContentTypeParser('application/cbor', { parseAs: 'buffer' }, (_, body, done) => {
    // A plain view: the `slice` of a Buffer does not copy, and nothing further in is to know.
    const { buffer, byteOffset, length } = body as Buffer
    done(null, new Uint8Array(buffer, byteOffset, length))
  })
  handleProblems(bare)
  // Anyone who says nothing of caching means: never.
  server.addHook('onSend', (_, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', PRIVATE)
    done(null, payload)
  })
  await server.register(swagger, {
    openapi: {
      info: {
        title: 'Tallystick',
        version,
        description: 'A ledger of loyalty points that anyone can check. Formats and algorithms: SPEC.md.',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'EdDSA JWT, SPEC §11' } } },
    },
    transform: jsonSchemaTransform,
  })
  await server.register(swaggerUi, { routePrefix: '/docs' })
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  publicRoutes(server, log, policy ?? { logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
  batchRoutes(server, log)
  accountRoutes(server, log)
  programmeRoutes(server, log)
  detailsRoutes(server, log)
  await server.ready()
  return server
}
