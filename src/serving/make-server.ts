import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { methodsOf, refuseOtherMethods } from './methods.ts'
import { finish, transformOf } from './openapi.ts'
import { answerBrowser, type Pages, pageRoutes } from './pages.ts'
import { type PassOn, passOn } from './pass-on.ts'
import { answerBadRequest, answerUnreadable, type Explain, handleProblems, notFound, PATH_PART_MAX } from './problem.ts'
import { checkJsonShape, OpenBodies, REQUEST_TIMES, type RequestLimits } from './request-limits.ts'
import { NO_CONTENT, PRIVATE, SAFE } from './send.ts'
import { type TurnAway, turnAway } from './turn-away.ts'
import type { Server } from './typed-server.ts'

/** Is told what a server answers, for its operator: of what, not to whom. */
export interface AnswerObserver {
  /** A request was answered. @param route - its pattern, such as `/v1/accounts/:number`; `none` where there is none. */
  answered(method: string, route: string, status: number, seconds: number): void
}

export interface ServerOptions {
  /** Title, version and description of the OpenAPI document. */
  readonly title: string
  readonly version: string
  readonly description: string
  /** How callers prove a key, as the OpenAPI document says it: `bearerFormat` of `Authorization: Bearer`. */
  readonly tokens?: string
  /** The name of a cookie that proves a caller, too. */
  readonly session?: string
  /** Members that every problem has, beside those of RFC 9457, where `explain` says nothing else. */
  readonly problemMembers?: object
  readonly limits: RequestLimits
  /** Where it stands behind others. */
  readonly front?: Front | undefined
  /** Statuses of problems that any route may be answered with, besides those of every server. */
  readonly problemsOfAll?: readonly number[]
  /** Keeps a line of each answer, and all of each error of ours; by default nothing is kept. */
  readonly logger?: FastifyBaseLogger | undefined
  readonly observer?: AnswerObserver | undefined
  /** Asked first which problem an error is. By default only `HttpError`, `FormatError` and schemas blame the caller. */
  readonly explain?: Explain
  /** Requests that another server of this machine answers; none by default. */
  readonly passOn?: PassOn | undefined
  /** Pages that were built, for browsers; none by default. */
  readonly pages?: Pages | undefined
  /** Requests that are turned away before they are looked at; none by default, and none behind a proxy. */
  readonly turnAway?: TurnAway | undefined
  /** Adds the routes. */
  readonly routes: (server: Server) => void | Promise<void>
}

/** What stands in front of a server. */
export interface Front {
  /** Addresses and networks of proxies whose `X-Forwarded-For` says who calls; by default nobody is believed. */
  readonly proxies?: readonly string[] | undefined
  /** Path below which everything is, such as `/points`: a proxy passes it on, and it is taken off here. */
  readonly basePath?: string | undefined
}

/**
 * An HTTP server, not yet listening: its own routes, `GET /openapi.json` and `/docs`. Each error is a problem document
 * (RFC 9457), each answer has an `x-request-id`, and none is cacheable unless its route says so. An unknown path is
 * answered before its body is read; another method of a known path is answered 405 with `Allow`.
 */
export async function makeServer(options: ServerOptions): Promise<Server> {
  const {
    title,
    version,
    description,
    tokens,
    session,
    problemMembers = {},
    limits,
    logger,
    observer,
    pages,
    problemsOfAll = [],
    explain = () => undefined,
    front: { proxies = [], basePath = '' } = {},
  } = options
  const bare = fastify({
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: PATH_PART_MAX },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_TIMES.requestTimeout,
    http: REQUEST_TIMES,
    trustProxy: proxies.length > 0 && [...proxies],
    rewriteUrl: ({ url = '/' }) => withoutBase(url, basePath),
    frameworkErrors: answerBadRequest,
    clientErrorHandler: answerUnreadable,
    ...(logger === undefined ? {} : { loggerInstance: logger }),
  })
  bare.decorate('problemMembers', problemMembers)
  const server: Server = bare.withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorOf)
  server.setSerializerCompiler(serializerCompiler)
  readJson(bare, limits)
  if (options.passOn !== undefined) passOn(bare, options.passOn)
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) done()
    else if (!answerBrowser(request, reply, pages)) notFound(request, reply)
  })
  new OpenBodies(limits).watch(bare)
  handleProblems(bare, explain)
  const methods = methodsOf(bare)
  observe(bare, observer)
  addHeaders(bare)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: basePath || '/', description: 'This server' }],
      ...(tokens === undefined ? {} : { components: { securitySchemes: schemesOf(tokens, session) } }),
    },
    transform: transformOf(problemsOfAll),
    transformObject: finish,
  })
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  await options.routes(server)
  // Routes in scopes of their own are added only then.
  await bare.after()
  if (pages !== undefined) pageRoutes(server, pages)
  refuseOtherMethods(bare, methods)
  await server.ready()
  if (options.turnAway !== undefined && proxies.length === 0)
    turnAway(bare.server, options.turnAway, basePath, logger, (route, status) =>
      observer?.answered(options.turnAway!.method, route, status, 0),
    )
  return server
}

/** How callers prove who they are, as the document says it. */
function schemesOf(tokens: string, session: string | undefined) {
  const description = 'Of a person who is signed in. Requests that are no GET send its `csrf` as x-tally-csrf, too.'
  return {
    key: { type: 'http', scheme: 'bearer', bearerFormat: tokens } as const,
    ...(session === undefined
      ? {}
      : { session: { type: 'apiKey', in: 'cookie', name: session, description } as const }),
  }
}

/** A path below the base, without it; anything else is a path that there is not. @param url - untrusted. */
function withoutBase(url: string, basePath: string): string {
  if (basePath === '') return url
  if (!url.startsWith(basePath)) return NOWHERE
  const rest = url.slice(basePath.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : NOWHERE
}

/** A path that no route has. */
const NOWHERE = '/outside-of-the-base-path'

/** Validates as the schemas say. A request without a body has none, where fastify would have it send `null`. */
const validatorOf: typeof validatorCompiler = route => {
  const validate = validatorCompiler(route)
  return route.httpPart === 'body' ? data => validate(data ?? undefined) : validate
}

/** Reads JSON bodies, after a look at their shape. */
function readJson(server: FastifyInstance, { jsonLists }: RequestLimits): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      checkJsonShape(body as Buffer, jsonLists)
    } catch (error) {
      return done(error as Error)
    }
    void parse(request, (body as Buffer).toString('utf8'), done)
  })
}

/** Writes down each answer, under the id that its caller is given too, and tells the observer. */
function observe(server: FastifyInstance, observer: AnswerObserver | undefined): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const { statusCode: status, elapsedTime: ms } = reply
    request.log.info({ method: request.method, route, status, ms: Math.round(ms * 10) / 10 }, 'answered')
    observer?.answered(request.method, route, status, ms / 1000)
    done()
  })
}

/** Adds the headers of every answer, where a route has not set its own. */
function addHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', PRIVATE)
    reply.header('x-request-id', request.id)
    reply.headers(SAFE)
    // The pages of /docs have a policy of their own.
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', NO_CONTENT)
    done(null, payload)
  })
}
