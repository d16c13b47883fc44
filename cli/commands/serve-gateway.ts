import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { CodedError } from '../../src/core/failure.ts'
import { keyPath } from '../../src/files/key-files.ts'
import { API_SCOPES, ApiKeys } from '../../src/gateway/api-keys.ts'
import { fileExists, writeBytes } from '../../src/node/file-system.ts'
import { Session } from '../input/session.ts'
import { note } from '../screen/screen.ts'
import { programFile } from '../version.ts'

/** A gateway that runs beside a ledger, as a process of its own. */
export interface GatewayBeside {
  /** Where it listens, of this machine; undefined while it does not. */
  readonly port: () => number | undefined
  /** What to paste first. */
  readonly words: string
  /** Ends it when what is under way is answered. */
  readonly end: () => Promise<void>
}

/** What a gateway says to the process that started it. */
export interface Ready {
  readonly port: number
}

/** Pause before a gateway that ended is started again, and how long it may take to end. */
const AGAIN_MS = 1000
const END_MS = 15_000

/**
 * Runs a gateway beside a ledger that listens: makes its shop at first, with the ledger's own keys, and one key of its
 * API. Undefined where there can be none, after saying why.
 */
export async function gatewayBeside(
  url: string,
  data: string,
  rootKey: string | undefined,
): Promise<GatewayBeside | undefined> {
  const shop = join(data, 'shop.json')
  try {
    if (!(await fileExists(shop))) await makeShop(url, data, shop, rootKey)
    return await start(url, data, shop)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    note(`There is no gateway beside the ledger: ${error.code}: ${error.message}`)
    return undefined
  }
}

async function makeShop(url: string, data: string, path: string, rootKey: string | undefined): Promise<void> {
  const { setupShop } = await import('../../src/gateway/setup-shop.ts')
  const session = await Session.open({ url, data })
  await setupShop({
    client: session.client,
    roots: [rootKey === undefined ? await session.key('root') : await session.keyIn(rootKey)],
    treasurer: await session.key('treasurer'),
    nowMs: session.nowMs,
    plan: {
      ...{ name: 'stars', cap: 1_000_000_000_000, fund: 1_000_000_000 },
      ...{ windowMs: 90 * 86_400_000, expiresDays: 365, holdMs: 30 * 60_000 },
    },
    path,
  })
}

/** The file with the key that the first start made, for the one who runs it. */
async function firstKey(state: string): Promise<string> {
  const path = join(state, 'first.key')
  const keys = new ApiKeys(join(state, 'api-keys.json'))
  if (!(await fileExists(path))) {
    if ((await keys.list()).some(({ name }) => name === 'first')) return path
    await writeBytes(path, `${await keys.add('first', API_SCOPES, 10_000)}\n`, 0o600)
  }
  return path
}

async function start(url: string, data: string, shop: string): Promise<GatewayBeside> {
  const state = join(data, 'gateway')
  const key = await firstKey(state)
  const source = join(data, 'source.key.json')
  const hasSource = await fileExists(source)
  const treasurer = keyPath(data, 'treasurer')
  const hasTreasurer = await fileExists(treasurer)
  let [child, port, isEnding]: [ChildProcess | undefined, number | undefined, boolean] = [undefined, undefined, false]
  const run = () => {
    const program = programFile()
    const args = [
      'gateway',
      '--shop',
      shop,
      '--state',
      state,
      '--ledger',
      url,
      '--port',
      '0',
      '--trust-proxy',
      '127.0.0.1',
      ...(hasSource ? ['--source', source] : []),
      ...(hasTreasurer ? ['--treasurer', treasurer] : []),
    ]
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TALLY_')))
    child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.on('message', (ready: Ready) => {
      port = ready.port
    })
    child.once('close', status => {
      port = undefined
      if (isEnding) return
      note(`The gateway ended (${status}), and is started again.`)
      setTimeout(run, AGAIN_MS).unref()
    })
    return child
  }
  await Promise.race([once(run(), 'message'), once(child!, 'close')])
  const authorised = `-H "authorization: Bearer $(cat ${key})"`
  const curls =
    `  curl ${url}/v1/earn ${authorised} -H 'content-type: application/json' \\\n` +
    `    -d '{"member":"cust_8842","points":50}'\n  curl ${url}/v1/members/cust_8842 ${authorised}\n`
  return {
    port: () => port,
    words: `A gateway for shops runs beside it (API: ${url}/gateway/docs). Points for a member, in another terminal:\n\n${curls}`,
    end: async () => {
      isEnding = true
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const killing = setTimeout(() => child?.kill('SIGKILL'), END_MS)
      await closed
      clearTimeout(killing)
    },
  }
}
