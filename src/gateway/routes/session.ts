import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { HttpError, Rates, type Server } from '../../serving/index.ts'
import { callerOfPerson, cookieIn, SESSION_COOKIE } from '../authorise.ts'
import type { Gateway } from '../gateway.ts'
import { AWAY_MS } from '../staff/open-id.ts'
import { isPasswordForm, PASSWORD_RULE } from '../staff/passwords.ts'
import { SCOPES_OF_ROLE, STAFF_ROLES } from '../staff/roles.ts'
import type { SignedIn } from '../staff/sessions.ts'
import type { Person } from '../staff/staff.ts'
import { bodyRefusals, refusals, sessionSecurity, time, timeText } from './schemas.ts'

/** Guesses of one address, of one name from one address, and of one name from all: a second, and at once. */
const RATES = {
  address: { rate: 0.1, burst: 20 },
  pair: { rate: 1 / 30, burst: 5 },
  name: { rate: 0.2, burst: 50 },
} as const
/** The cookie by which a browser that comes back from a provider is known. */
const AWAY_COOKIE = 'tally_away'

const sessionSchema = z.object({
  name: z.string().meta({ description: 'Of the person who is signed in' }),
  role: z.enum(STAFF_ROLES),
  scopes: z.array(z.string()).meta({ description: 'What the person may do, as scopes of keys' }),
  csrf: z.string().meta({ description: 'To be sent as `x-tally-csrf` with each request that is no GET' }),
  until: time.meta({ description: 'When the session ends at the latest' }),
  hasPassword: z.boolean().meta({ description: 'Whether the person signs in by a password' }),
})

/** What is sent for a password: a wrong one is refused whatever its form is. */
const sentSchema = z.string().min(1).max(1024)

/** Sign-in of the people of a shop: a cookie in place of a key. */
export function sessionRoutes(server: Server, gateway: Gateway): void {
  const { staff, sessions, openId, nowMs } = gateway
  const rates = {
    ...{ address: new Rates(RATES.address), pair: new Rates(RATES.pair), name: new Rates(RATES.name) },
  }

  /** @throws HttpError 429 where somebody guesses. */
  const countGuess = (ip: string, name?: string): void => {
    const at = nowMs()
    const ofName = name?.toLowerCase()
    const waits = [
      rates.address.take(ip, at),
      ...(ofName === undefined ? [] : [rates.pair.take(`${ip} ${ofName}`, at), rates.name.take(ofName, at)]),
    ]
    const seconds = Math.max(...waits)
    if (seconds > 0)
      throw new HttpError(429, 'too-many', `There were too many tries to sign in. Wait ${seconds} seconds.`, {
        'retry-after': String(seconds),
      })
  }

  const begin = async (person: Person, request: FastifyRequest, reply: FastifyReply): Promise<SignedIn> => {
    const atMs = nowMs()
    const { token, signedIn } = await sessions.begin(person, atMs)
    request.caller = callerOfPerson(person)
    const seconds = (signedIn.untilMs - atMs) / 1000
    reply.header('set-cookie', cookie(request, SESSION_COOKIE, token, 'Strict', seconds))
    return signedIn
  }

  server.post(
    '/v1/session',
    {
      schema: {
        operationId: 'signIn',
        tags: ['session'],
        summary: 'Sign in with name and password: the answer sets a cookie, which stands in place of a key',
        body: z
          .strictObject({ name: z.string().min(1).max(64), password: sentSchema })
          .meta({ examples: [{ name: 'anna', password: 'bhx4k-2mnpr-ys7qd' }] }),
        response: { 201: sessionSchema, ...bodyRefusals },
      },
    },
    async (request, reply) => {
      fromOwnPage(request)
      const { name, password } = request.body
      countGuess(request.ip, name)
      const person = await staff.check(name, password, nowMs())
      if (person === undefined)
        throw new HttpError(401, 'sign-in', 'Name or password is not right, or the person was revoked.')
      return reply.status(201).send(shown(await begin(person, request, reply)))
    },
  )

  server.get(
    '/v1/session',
    {
      config: { isOfSession: true },
      schema: {
        operationId: 'getSession',
        tags: ['session'],
        security: sessionSecurity,
        summary: 'Who is signed in',
        response: { 200: sessionSchema, ...refusals },
      },
    },
    async request => shown(request.signedIn!),
  )

  server.delete(
    '/v1/session',
    {
      config: { isOfSession: true },
      schema: {
        operationId: 'signOut',
        tags: ['session'],
        security: sessionSecurity,
        summary: 'Sign out: the session ends at once',
        response: { 204: z.null().meta({ description: 'Signed out' }), ...refusals },
      },
    },
    async (request, reply) => {
      await sessions.end(cookieIn(request, SESSION_COOKIE) ?? '')
      reply.header('set-cookie', cookie(request, SESSION_COOKIE, '', 'Strict', 0))
      return reply.status(204).send(null)
    },
  )

  server.put(
    '/v1/session/password',
    {
      config: { isOfSession: true },
      schema: {
        operationId: 'setPassword',
        tags: ['session'],
        security: sessionSecurity,
        summary: 'Set another password of the person who is signed in; all other sessions of that person end',
        body: z
          .strictObject({ old: sentSchema, new: z.string().refine(isPasswordForm, PASSWORD_RULE) })
          .meta({ examples: [{ old: 'bhx4k-2mnpr-ys7qd', new: 'a longer one of my own' }] }),
        response: { 200: sessionSchema, ...bodyRefusals },
      },
    },
    async (request, reply) => {
      const { person } = request.signedIn!
      const { old, new: next } = request.body
      countGuess(request.ip, person.name)
      if ((await staff.check(person.name, old, nowMs())) === undefined)
        throw new HttpError(401, 'sign-in', 'The old password is not right.')
      await staff.setPassword(person.name, next)
      await sessions.end(cookieIn(request, SESSION_COOKIE) ?? '')
      return shown(await begin((await staff.find(person.name, nowMs()))!, request, reply))
    },
  )

  server.get(
    '/v1/session/ways',
    {
      schema: {
        operationId: 'listWaysToSignIn',
        tags: ['session'],
        summary: 'How people can sign in here',
        response: {
          200: z.object({
            password: z.boolean().meta({ description: 'Whether anybody signs in with a password' }),
            openid: z
              .object({ title: z.string(), path: z.string().meta({ description: 'Where the browser goes for it' }) })
              .nullable(),
          }),
          ...refusals,
        },
      },
    },
    async () => {
      const people = await staff.list()
      const found = await openId.settings(nowMs())
      return {
        password: people.some(({ revoked, hasPassword }) => revoked === undefined && hasPassword),
        openid: found === undefined ? null : { title: found.title, path: '/v1/session/openid' },
      }
    },
  )

  server.get(
    '/v1/session/openid',
    {
      schema: {
        // For browsers: `ways` says where, and what is answered is a redirect.
        hide: true,
        querystring: z.strictObject({
          to: z
            .string()
            .max(128)
            .regex(/^(?:\/[a-z0-9-]+)+$/, 'expected a path of this server, such as /console')
            .default('/console')
            .meta({ description: 'The page where the browser goes afterwards' }),
        }),
        response: { 302: z.null().meta({ description: 'To the provider' }), ...refusals },
      },
    },
    async (request, reply) => {
      countGuess(request.ip)
      const { location, state } = await openId.begin(request.query.to, nowMs())
      // The way back begins at another site: a strict cookie would not come with it.
      reply.header('set-cookie', cookie(request, AWAY_COOKIE, state, 'Lax', AWAY_MS / 1000))
      return reply.redirect(location, 302)
    },
  )

  server.get(
    '/v1/session/callback',
    {
      schema: {
        // For browsers: `ways` says where, and what is answered is a redirect.
        hide: true,
        // A provider may send more.
        querystring: z.looseObject({ code: z.string().max(4096).optional(), state: z.string().max(256).optional() }),
        response: { 302: z.null().meta({ description: 'Signed in: to the page' }), ...refusals },
      },
    },
    async (request, reply) => {
      const state = cookieIn(request, AWAY_COOKIE)
      const { person, to } = await openId.end(
        new URLSearchParams(request.query as Record<string, string>),
        state,
        nowMs(),
      )
      await begin(person, request, reply)
      reply.header('set-cookie', cookie(request, AWAY_COOKIE, '', 'Lax', 0))
      return reply.redirect(to, 302)
    },
  )
}

/** Refuses a form of another site that signs a browser in as somebody else. @throws HttpError 403 `csrf`. */
function fromOwnPage({ headers, host }: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = headers
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
  if (!isOwn || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    throw new HttpError(403, 'csrf', 'A page of another site asked for this. Sign in at the page of this gateway.')
}

function cookie(request: FastifyRequest, name: string, value: string, site: 'Strict' | 'Lax', seconds: number): string {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${site}; Max-Age=${seconds}${secure}`
}

function shown({ person: { name, role, hasPassword }, csrf, untilMs }: SignedIn): z.infer<typeof sessionSchema> {
  return { name, role, scopes: [...SCOPES_OF_ROLE[role]], csrf, until: timeText(untilMs), hasPassword }
}
