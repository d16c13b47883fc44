import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { UsageError } from '../../src/node/failure.ts'
import type { Server } from '../../src/serving/index.ts'
import { visible } from '../screen/screen.ts'

/** The logger of a server: lines of JSON on standard error. Loads pino, which no other command needs. */
export async function serverLogger(level: string): Promise<Logger> {
  const { pino } = await import('pino')
  return pino(
    // What callers and witnesses say may stand in it, and its lines are looked at on terminals.
    { level, redact: ['req.headers.authorization'], hooks: { streamWrite: visible } },
    pino.destination({ dest: 2, sync: false }),
  )
}

/**
 * Has a server listen.
 *
 * @param close - is called where it cannot.
 * @returns its URL, with the port that it got.
 * @throws UsageError `listen`.
 */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  close: () => Promise<void>,
): Promise<string> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await close()
    throw new UsageError(
      'listen',
      `Cannot listen on ${host}:${port}: ${(error as Error).message}. Try another --port or --host.`,
    )
  }
  const { port: found } = server.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${found}`
}
