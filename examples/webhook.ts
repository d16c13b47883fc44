import { createServer, type Server } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** What a shop is told: `type` says of what, `data` what happened (docs/gateway.md). */
export interface PointsEvent {
  readonly type: string
  readonly timestamp: string
  readonly data: { readonly id: string; readonly member: string | null }
}

/**
 * A receiver of webhooks: it believes what is signed with its secret, and does each event once, however often it comes.
 *
 * @param secret - as `POST /v1/webhooks` showed it.
 * @param seen - ids that were done: a table of the shop, in life.
 * @param handle - does what an event asks for; where it fails, the event comes again.
 */
export function receiver(secret: string, seen: Set<string>, handle: (event: PointsEvent) => Promise<void>): Server {
  const webhook = new Webhook(secret)
  return createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    let event: PointsEvent
    try {
      event = webhook.verify(Buffer.concat(parts), request.headers as Record<string, string>) as PointsEvent
    } catch {
      response.writeHead(401).end()
      return
    }
    try {
      if (!seen.has(event.data.id)) await handle(event)
      seen.add(event.data.id)
      response.writeHead(204).end()
    } catch {
      response.writeHead(500).end()
    }
  })
}
