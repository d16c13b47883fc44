import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { SUBMISSION_BYTES_MAX } from '../core/limits.ts'
import type { Policy } from '../core/note/policy.ts'
import type { TallyLog } from '../log/index.ts'
import type { Observer } from './observer.ts'
import { answerBadRequest, handleProblems, methodsOf, notFound, otherMethods, unreadable } from './problem.ts'
import { checkJsonShape, OpenBodies, REQUEST_TIMES } from './request-limits.ts'
import { accountRoutes } from './routes/accounts.ts'
import { batchRoutes } from './routes/batches.ts'
import { detailsRoutes } from './routes/details.ts'
import { publicRoutes } from './routes/public.ts'
import { refRoutes } from './routes/refs.ts'
import { type RuleStore, ruleRoutes } from './routes/rules.ts'
import { programmeRoutes } from './routes/units-budgets.ts'
import { PRIVATE } from './send.ts'
import type { Server } from './typed-server.ts'

export interface ServerOptions {
  readonly log: TallyLog
  readonly logger: FastifyBaseLogger | undefined
  readonly version: string
  /** Texts of rules; none by default. */
  readonly rules?: RuleStore
  /** Is told what is answered; nobody by default. */
  readonly observer?: Observer
  /** What `GET /policy` proposes; by default the log alone. */
  readonly policy?: Policy
}

/** What browsers are told of every answer: it is what it says it is, and nobody is told where a link was found. */
const SAFE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const
/** What is no page loads nothing and stands in no frame. */
const NO_CONTENT = "default-src 'none'; frame-ancestors 'none'"

/** Writes down each answer, under the id that its caller is given too, and tells the observer. */
function observe(server: FastifyInstance, observer: Observer | undefined): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const { statusCode: status, elapsedTime: ms } = reply
    request.log.info({ method: request.method, route, status, ms: Math.round(ms * 10) / 10 }, 'answered')
    observer?.answered(request.method, route, status, ms / 1000)
    done()
  })
}

/** The HTTP surface of a ledger (SPEC §11), not yet listening. */
export async function buildServer({ log, logger, version, policy, observer, rules }: ServerOptions): Promise<Server> {
  const bare = fastify({
    bodyLimit: SUBMISSION_BYTES_MAX,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_TIMES.requestTimeout,
    http: REQUEST_TIMES,
    frameworkErrors: answerBadRequest,
    clientErrorHandler: unreadable,
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
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      checkJsonShape(body as Buffer)
    } catch (error) {
      return done(error as Error)
    }
    void parseJson(request, (body as Buffer).toString('utf8'), done)
  })
  // A path that there is not is answered before its body is read.
  server.addHook('onRequest', (request, reply, done) => {
    if (request.is404) notFound(request, reply)
    else done()
  })
  new OpenBodies().watch(bare)
  handleProblems(bare)
  const methods = methodsOf(bare)
  observe(bare, observer)
  // Anyone who says nothing of caching means: never.
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', PRIVATE)
    reply.header('x-request-id', request.id)
    reply.headers(SAFE)
    // The pages of /docs have a policy of their own.
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', NO_CONTENT)
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
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  publicRoutes(server, log, policy ?? { logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
  batchRoutes(server, log, observer)
  accountRoutes(server, log)
  programmeRoutes(server, log)
  refRoutes(server, log)
  detailsRoutes(server, log)
  await ruleRoutes(server, log, rules)
  otherMethods(bare, methods)
  await server.ready()
  return server
}
