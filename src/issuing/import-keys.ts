import { freshId, makeEntry, type SigningKey, type TallyClient } from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { Role } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { newKey } from '../files/key-files.ts'

/**
 * What is added to how far a key reaches back, so that a run does not need another one for what it meets as it goes.
 */
const MARGIN_MS = 86_400_000

export interface ImportKeysOptions {
  readonly client: TallyClient
  /** Registers the keys, and revokes them. */
  readonly root: SigningKey
  /** The budgets that are issued from, increasing. */
  readonly budgets: readonly number[]
  /** The ledger's time, from which they reach back. */
  readonly nowMs: () => number
}

interface Pair {
  readonly registrar: SigningKey
  readonly issuer: SigningKey
}

/**
 * The keys of one import: a registrar and an issuer who reach back as far as its events are old, and no further. They
 * are made for the run and revoked when it ends; their seeds are in memory only, so that nobody has a key into the past
 * afterwards, also where the run was cut off.
 */
export class ImportKeys {
  readonly #options: ImportKeysOptions
  readonly #made: SigningKey[] = []
  #reachMs = -1
  /** One after another: what is signed by the pair before may be on its way until the run ends. */
  #pair: Promise<Pair | undefined> = Promise.resolve(undefined)

  constructor(options: ImportKeysOptions) {
    this.#options = options
  }

  /**
   * The keys for events of that time and later ones.
   *
   * @throws OutcomeError where they cannot be registered; ClientError.
   */
  reaching(timeMs: number): Promise<Pair> {
    const next = this.#pair
      .catch(() => undefined)
      .then(pair => {
        const backMs = Math.max(0, this.#options.nowMs() - timeMs)
        return pair !== undefined && backMs <= this.#reachMs ? pair : this.#make(backMs + MARGIN_MS)
      })
    this.#pair = next
    return next
  }

  async #make(reachMs: number): Promise<Pair> {
    this.#reachMs = reachMs
    const registrar = await this.#register('registrar', [])
    return { registrar, issuer: await this.#register('issuer', this.#options.budgets) }
  }

  /** Revokes the keys there are. */
  async end(): Promise<void> {
    await this.#pair.catch(() => {})
    for (const { holder } of this.#made.splice(0)) {
      if (!('record' in holder)) continue
      const id = freshId(this.#options.nowMs())
      await this.#submit(
        makeEntry('revoke', { id, record: holder.record, reason: SUPERSEDED }),
        'revoking an import key',
      )
    }
  }

  async #register(role: Role, scope: readonly number[]): Promise<SigningKey> {
    const { client } = this.#options
    const { seed, publicKey: key } = newKey(`import-${role}`)
    const backdateMs = this.#reachMs
    const id = freshId(this.#options.nowMs())
    await this.#submit(makeEntry('register-key', { id, key, role, scope, backdateMs }), 'registering an import key')
    const record = await client.recordOf(key)
    check(record !== undefined, 'record-missing', 'the ledger accepted a key, and lists no record of it')
    const made = { holder: { record }, seed }
    this.#made.push(made)
    return made
  }

  async #submit(entry: Uint8Array, what: string): Promise<void> {
    const { client, root } = this.#options
    // Its record is listed once it is sealed.
    const answer = await client.submit([entry], [root], { wait: 'sealed' })
    if (answer.statuses[0] !== ACCEPTED) throw refusal(answer, 0, what)
  }
}

const SUPERSEDED = 3
