import type { FastifyBaseLogger, RouteOptions } from 'fastify'
import { z } from 'zod'
import { type Front, makeServer, type Server } from '../serving/index.ts'
import { authorise, SESSION_COOKIE } from './authorise.ts'
import { explain } from './explain.ts'
import type { Gateway } from './gateway.ts'
import { GATEWAY_BODY_BYTES } from './paths.ts'
import { activityRoutes } from './routes/activity.ts'
import { complaintRoutes } from './routes/complaints.ts'
import { addDryRun } from './routes/dry-runs.ts'
import { eventRoutes } from './routes/events.ts'
import { expiringRoutes } from './routes/expiring.ts'
import { importRoutes } from './routes/imports.ts'
import { linkRoutes } from './routes/links.ts'
import { memberRoutes } from './routes/members.ts'
import { mergeRoutes } from './routes/merges.ts'
import { orderRoutes } from './routes/orders.ts'
import { LISTED_MAX, pointsRoutes } from './routes/points.ts'
import { proofRoutes } from './routes/proofs.ts'
import { refusedRoutes } from './routes/refused.ts'
import { reportRoutes } from './routes/reports.ts'
import { noteLooks, rightsRoutes } from './routes/rights.ts'
import { sessionRoutes } from './routes/session.ts'
import { shopRoutes } from './routes/shop.ts'
import { testClockRoutes } from './routes/test-clock.ts'
import { webhookRoutes } from './routes/webhooks.ts'

export interface GatewayServerOptions {
  readonly gateway: Gateway
  readonly logger: FastifyBaseLogger | undefined
  readonly version: string
  /** Where it stands behind a proxy; by default it does not. */
  readonly front?: Front | undefined
}

const OPEN_BYTES_MAX = 64 * 1024 * 1024

/** The HTTP surface of a gateway (docs/gateway.md), not yet listening. */
export function buildGateway({ gateway, logger, version, front }: GatewayServerOptions): Promise<Server> {
  return makeServer({
    title: 'Tallystick gateway',
    version,
    description:
      'Points for a shop, in plain JSON. Members have the ids of the shop; what is sent twice under one key counts ' +
      'once; a refusal says what to do, and has the receipt that proves it. docs/gateway.md',
    tokens: 'API key, of tally gateway key add; for /v1/mine the token of a link',
    session: SESSION_COOKIE,
    problemMembers: { retryable: false },
    limits: {
      ...{ bodyBytes: GATEWAY_BODY_BYTES, openBytes: OPEN_BYTES_MAX, openBytesEach: OPEN_BYTES_MAX },
      // An event has lists of its own.
      jsonLists: 8 * LISTED_MAX,
    },
    logger,
    front,
    explain,
    routes: server => {
      server.addHook('onRequest', request => authorise(gateway, request))
      server.addHook('onResponse', async (request, reply) => noteLooks(gateway, request, reply))
      server.addHook('onRoute', route => addDryRun(server, route))
      server.addHook('onRoute', refuseUnasked)
      server.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
      testClockRoutes(server, gateway)
      memberRoutes(server, gateway)
      mergeRoutes(server, gateway)
      pointsRoutes(server, gateway)
      orderRoutes(server, gateway)
      expiringRoutes(server, gateway)
      eventRoutes(server, gateway)
      proofRoutes(server, gateway)
      refusedRoutes(server, gateway)
      linkRoutes(server, gateway)
      activityRoutes(server, gateway)
      webhookRoutes(server, gateway)
      importRoutes(server, gateway)
      reportRoutes(server, gateway)
      complaintRoutes(server, gateway)
      rightsRoutes(server, gateway)
      sessionRoutes(server, gateway)
      shopRoutes(server, gateway)
    },
  })
}

/** A route that names no parameters of a query takes none; those that the document hides take any. */
function refuseUnasked(route: RouteOptions): void {
  const schema = route.schema as { hide?: boolean; querystring?: unknown } | undefined
  if (schema === undefined || schema.hide || schema.querystring !== undefined) return
  route.schema = { ...schema, querystring: z.strictObject({}) }
}
