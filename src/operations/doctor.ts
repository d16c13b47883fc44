import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes } from '../core/bytes.ts'
import { type Engine, engine } from '../core/crypto/engine.ts'
import { portableEngine } from '../core/crypto/portable.ts'
import { portableSigner } from '../core/crypto/portable-signer.ts'
import { parsePolicy } from '../core/note/policy.ts'
import { readKey, rootPath } from '../files/key-files.ts'
import { fileExists, freeBytes, readParsed } from '../node/file-system.ts'
import { readSettings } from './open-ledger.ts'

/** What was looked at, and what was found. */
export interface Diagnosis {
  readonly what: string
  readonly state: 'good' | 'look' | 'bad'
  readonly detail: string
}

/** Bytes of a disk below which there is soon no room. */
const LITTLE_BYTES = 2 * 2 ** 30
/** How far a witness's clock may be off before somebody looks. */
const CLOCK_MS = 5000

/**
 * Looks at a machine and the data directory of a ledger on it: whether its cryptography agrees with that of another
 * engine, whether keys and folders are private, whether there is room, and whether the clock is that of the witnesses.
 * Writes nothing, and needs no ledger that runs.
 *
 * @param ask - fetches a URL: the witnesses of the policy, for their clocks.
 */
export async function diagnose(data: string, ask: typeof fetch = fetch): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [cryptography(engine())]
  if (!(await fileExists(join(data, 'ledger.json'))))
    return [
      ...found,
      { what: 'data', state: 'look', detail: `${data} has no ledger yet: tally init or serve makes one` },
    ]
  found.push(
    await tried('settings', async () => {
      const { origin, periodMs } = await readSettings(join(data, 'ledger.json'))
      return `${origin}, a seal each ${periodMs} ms`
    }),
    await modes(data),
    ...(await keys(data)),
    await room(data),
    ...(await witnesses(join(data, 'policy'), ask)),
  )
  return found
}

/** Compares the engine in use with the portable one, over messages of all lengths about a block, and signatures. */
function cryptography(used: Engine): Diagnosis {
  const seed = new Uint8Array(32).fill(9)
  for (let length = 0; length < 300; length++) {
    const message = new Uint8Array(length).map((_, i) => (i * 31 + length) & 255)
    if (!equalBytes(used.sha256(message), portableEngine.sha256(message))) return differs(used, 'SHA-256')
    if (length % 50 > 0) continue
    const signature = portableSigner.sign(seed, message)
    const key = portableSigner.publicKey(seed)
    if (used.signer !== undefined && !equalBytes(used.signer.sign(seed, message), signature))
      return differs(used, 'Ed25519')
    const wrong = signature.slice()
    wrong[40]! ^= 1
    if (!used.verify(key, message, signature) || used.verify(key, message, wrong)) return differs(used, 'Ed25519')
  }
  return { what: 'cryptography', state: 'good', detail: `${used.name}, the same as @noble` }
}

function differs({ name }: Engine, what: string): Diagnosis {
  return {
    what: 'cryptography',
    state: 'bad',
    detail: `${name} gives another ${what} than @noble: TALLY_ENGINE=portable`,
  }
}

async function tried(what: string, look: () => Promise<string>): Promise<Diagnosis> {
  try {
    return { what, state: 'good', detail: await look() }
  } catch (error) {
    return { what, state: 'bad', detail: (error as Error).message }
  }
}

/** Whether what is secret is its owner's alone, and none of it a link to somewhere else. */
async function modes(data: string): Promise<Diagnosis> {
  const open: string[] = []
  for (const name of [
    'keys',
    'store',
    ...(await readdir(join(data, 'keys')).catch(() => [])).map(one => `keys/${one}`),
  ]) {
    const stat = await lstat(join(data, name)).catch(() => undefined)
    if (stat?.isSymbolicLink()) open.push(`${name} is a link`)
    else if (stat !== undefined && name.startsWith('keys') && (stat.mode & 0o077) !== 0)
      open.push(`${name} has mode ${(stat.mode & 0o777).toString(8)}`)
  }
  return open.length === 0
    ? { what: 'private', state: 'good', detail: 'keys are readable by their owner alone' }
    : { what: 'private', state: 'bad', detail: `${open.join(', ')}: chmod 700 for folders, 600 for files` }
}

async function keys(data: string): Promise<Diagnosis[]> {
  const folder = join(data, 'keys')
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.json'))
  const read = await tried('keys', async () => {
    for (const name of names) await readKey(join(folder, name))
    return names.map(name => name.slice(0, -5)).join(', ')
  })
  const root = await rootPath(data)
  return (await fileExists(root))
    ? [
        read,
        {
          what: 'root key',
          state: 'look',
          detail: `${root} is on this machine: serving needs it not; keep it elsewhere`,
        },
      ]
    : [read]
}

async function room(data: string): Promise<Diagnosis> {
  const bytes = await freeBytes(data)
  const detail = `${(bytes / 2 ** 30).toFixed(1)} GiB free`
  return { what: 'disk', state: bytes < LITTLE_BYTES ? 'look' : 'good', detail }
}

/** Each witness that the policy names: whether it answers, and what time it has. */
async function witnesses(path: string, ask: typeof fetch): Promise<Diagnosis[]> {
  if (!(await fileExists(path))) return []
  let urls: string[]
  try {
    urls = (await readParsed(path, parsePolicy)).witnesses.flatMap(({ url }) => (url === undefined ? [] : [url]))
  } catch (error) {
    return [{ what: 'policy', state: 'bad', detail: (error as Error).message }]
  }
  if (urls.length === 0)
    return [{ what: 'witnesses', state: 'look', detail: 'the policy names none: nobody would see a second history' }]
  return Promise.all(
    urls.map(async (url): Promise<Diagnosis> => {
      const what = `witness ${url}`
      try {
        const { headers } = await ask(url, { signal: AbortSignal.timeout(5000) })
        const offMs = Date.parse(headers.get('date') ?? '') - Date.now()
        if (Math.abs(offMs) <= CLOCK_MS || Number.isNaN(offMs)) return { what, state: 'good', detail: 'answers' }
        const way = offMs > 0 ? 'behind' : 'ahead of'
        return { what, state: 'look', detail: `this clock is ${Math.round(Math.abs(offMs) / 1000)} s ${way} its own` }
      } catch (error) {
        return { what, state: 'bad', detail: `does not answer: ${(error as Error).message}` }
      }
    }),
  )
}
