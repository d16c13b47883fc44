import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Something that listens on a port of this machine. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

async function listening(server: Server, sockets: Set<Socket>): Promise<Listening> {
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** An HTTP server that is no ledger. */
export function stub(answer: RequestListener): Promise<Listening> {
  return listening(createHttpServer(answer), new Set())
}

export interface LossyProxy extends Listening {
  /** Every POST as it came, heads and bodies. */
  readonly posts: Buffer[]
  /** How many answers were lost. */
  lost(): number
}

/**
 * A TCP proxy that loses the first `losses` answers to requests of that method: the ledger has the request and answers
 * it, and the connection breaks before the answer is passed on.
 */
export async function lossyProxy(target: string, losses: number, method: 'GET' | 'POST'): Promise<LossyProxy> {
  let lost = 0
  const posts: Buffer[] = []
  const server = createServer(caller => {
    const ledger = connect(Number(new URL(target).port), '127.0.0.1')
    let current = ''
    caller.on('data', (data: Buffer) => {
      const head = /^(GET|POST) /.exec(data.toString('latin1', 0, 5))?.[1]
      if (head !== undefined) current = head
      if (head === 'POST') posts.push(data)
      else if (current === 'POST') posts.push(Buffer.concat([posts.pop()!, data]))
      ledger.write(data)
    })
    ledger.on('data', data => {
      if (current === method && lost < losses) {
        lost++
        // Of an answer that comes in two parts neither is passed on, and it counts once.
        ledger.destroy()
        caller.destroy()
      } else caller.write(data)
    })
    for (const [one, another] of [
      [caller, ledger],
      [ledger, caller],
    ] as const) {
      one.on('error', () => another.destroy())
      one.on('close', () => another.destroy())
    }
  })
  return { ...(await listening(server, new Set())), posts, lost: () => lost }
}
