import type { FastifyInstance } from 'fastify'
import { sendProblem } from './problem.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The methods of each path, filled as routes are added. */
export function methodsOf(server: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>()
  server.addHook('onRoute', ({ url, method }) => {
    const ofPath = methods.get(url) ?? new Set()
    for (const one of [method].flat()) ofPath.add(one)
    methods.set(url, ofPath)
  })
  return methods
}

/** Answers every other method of a known path with 405, and names its methods in `Allow`. Call it after all routes. */
export function refuseOtherMethods(server: FastifyInstance, methods: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, known] of [...methods]) {
    const allowed = METHODS.filter(method => known.has(method))
    const rest = METHODS.filter(method => !known.has(method))
    if (url.startsWith('/docs') || rest.length === 0) continue
    server.route({
      method: [...rest],
      url,
      schema: { hide: true },
      handler: (request, reply) => {
        const list = allowed.join(', ')
        return sendProblem(reply, {
          status: 405,
          code: 'method',
          detail: `${request.method} is none of the methods of this path: ${list}.`,
          headers: { allow: list },
        })
      },
    })
  }
}
