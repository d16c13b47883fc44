import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { UsageError } from '../node/failure.ts'
import { Rates } from '../serving/index.ts'
import { WatchedFile } from './watched-file.ts'

/** What a key of the gateway's API may do. */
export const API_SCOPES = [
  ...(['read', 'members', 'earn', 'spend', 'adjust', 'links', 'webhooks', 'imports'] as const),
  ...(['reports', 'close', 'complaints', 'rights', 'clock'] as const),
  ...(['freeze', 'budgets', 'keys'] as const),
] as const
export type ApiScope = (typeof API_SCOPES)[number]

/** A key of the gateway's API, without what is secret of it. */
export interface ApiKey {
  readonly name: string
  readonly scopes: readonly ApiScope[]
  /** Requests a second that it may make. */
  readonly rate: number
  /** Account numbers of merchants: the key sees their figures in reports, and nobody else's. */
  readonly merchants?: readonly number[] | undefined
  /** When it was made, and revoked: RFC 3339. */
  readonly made: string
  readonly revoked?: string | undefined
}

const FORMAT = 'tallystick/api-keys/v1'
const schema = z.strictObject({
  format: z.literal(FORMAT),
  keys: z.array(
    z.strictObject({
      name: z.string(),
      scopes: z.array(z.enum(API_SCOPES)),
      rate: z.number().int().min(1),
      merchants: z.array(z.number().int().min(0)).optional(),
      /** SHA-256 of the key, hex. It has 192 random bits, so nothing slower is needed. */
      hash: z.string(),
      made: z.string(),
      revoked: z.string().optional(),
    }),
  ),
})
type KeysFile = z.infer<typeof schema>
type Stored = KeysFile['keys'][number]

/** How a key begins, so that it is known where it lies about. */
const PREFIX = 'tk_'
/** How the name of a person begins where the name of a key stands (staff/staff.ts). */
const PERSON = '@'

/**
 * The keys of a gateway's API, in a file that only their hashes are in. The command line writes it; a gateway that runs
 * looks at it once a second, when it is asked something.
 */
export class ApiKeys {
  readonly #file: WatchedFile<KeysFile>
  /** By hash; and by what was sent, of those that stand. */
  #standing = new Map<string, Stored>()
  readonly #bySecret = new Map<string, Stored>()
  /** By hash. */
  readonly #rates = new Rates({ rate: 1 })
  #known: KeysFile | undefined

  constructor(path: string) {
    const empty: KeysFile = { format: FORMAT, keys: [] }
    this.#file = new WatchedFile({ path, schema, empty, code: 'api-keys', name: 'a file of API keys' })
  }

  /** The keys there are, those that were revoked too. @throws UsageError `file`, `api-keys`. */
  async list(): Promise<ApiKey[]> {
    return (await this.#file.read()).keys.map(({ hash: _, ...key }) => key)
  }

  /**
   * Makes a key, which is shown this once.
   *
   * @param merchants - whose figures it is to see, and nobody else's: then it is for reports alone.
   * @throws UsageError `key-exists`, `settings`.
   */
  async add(name: string, scopes: readonly ApiScope[], rate: number, merchants?: readonly number[]): Promise<string> {
    if (merchants !== undefined && scopes.some(scope => scope !== 'reports'))
      throw new UsageError('settings', 'A key of a merchant is for reports alone: --scope reports.')
    if (name.startsWith(PERSON))
      throw new UsageError('settings', 'The name of a key does not begin with @: names of persons do.')
    const secret = PREFIX + randomBytes(24).toString('base64url')
    await this.#change(keys => {
      if (keys.some(key => key.name === name && key.revoked === undefined))
        throw new UsageError('key-exists', `There is a key "${name}" already. Revoke it first, or take another name.`)
      const made = new Date().toISOString()
      const own = merchants === undefined ? {} : { merchants: [...merchants] }
      return [...keys, { name, scopes: [...scopes], rate, ...own, hash: hashOf(secret), made }]
    })
    return secret
  }

  /** Takes a key back: within a second nobody can use it. @throws UsageError `key-unknown`. */
  async revoke(name: string): Promise<void> {
    await this.#change(keys => {
      if (!keys.some(key => key.name === name && key.revoked === undefined))
        throw new UsageError('key-unknown', `There is no key "${name}" that stands: see tally gateway key list.`)
      const revoked = new Date().toISOString()
      return keys.map(key => (key.name === name && key.revoked === undefined ? { ...key, revoked } : key))
    })
  }

  /**
   * Whose a key is; undefined where it is none that stands.
   *
   * @param secret - untrusted.
   */
  async find(secret: string, nowMs: number): Promise<ApiKey | undefined> {
    await this.#look(nowMs)
    return this.#keyOf(secret)
  }

  /** Counts a request of a key; returns in how many seconds the next is taken where it has made too many. */
  take(secret: string, nowMs: number): number {
    const key = this.#keyOf(secret)
    return key === undefined ? 0 : this.#rates.take(key.hash, nowMs, key.rate)
  }

  #keyOf(secret: string): Stored | undefined {
    const known = this.#bySecret.get(secret)
    if (known !== undefined) return known
    const found = this.#standing.get(hashOf(secret))
    if (found !== undefined) this.#bySecret.set(secret, found)
    return found
  }

  async #look(nowMs: number): Promise<void> {
    const file = await this.#file.look(nowMs)
    if (file === this.#known) return
    this.#known = file
    this.#bySecret.clear()
    this.#standing = new Map(file.keys.filter(({ revoked }) => revoked === undefined).map(key => [key.hash, key]))
  }

  #change(change: (keys: readonly Stored[]) => Stored[]): Promise<void> {
    return this.#file.change(({ keys }) => ({ format: FORMAT, keys: change(keys) }))
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
