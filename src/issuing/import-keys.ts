import { makeEntry, type SigningKey, type TallyClient } from '../client/index.ts'
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
  /** The budget that is issued from. */
  readonly budget: number
  readonly nowMs: () => number
}

/**
 * The keys of one import: a registrar and an issuer who reach back as far as its events are old, and no further. They
 * are made for the run and revoked when it ends; their seeds are in memory only, so that nobody has a key into the past
 * afterwards, also where the run was cut off.
 */
export class ImportKeys {
  readonly #options: ImportKeysOptions
  #reachMs = -1
  #registrar: SigningKey | undefined
  #issuer: SigningKey | undefined

  constructor(options: ImportKeysOptions) {
    this.#options = options
  }

  /**
   * The keys for events of that time and later ones.
   *
   * @throws OutcomeError where they cannot be registered; ClientError.
   */
  async reaching(timeMs: number): Promise<{ readonly registrar: SigningKey; readonly issuer: SigningKey }> {
    const backMs = Math.max(0, this.#options.nowMs() - timeMs)
    if (this.#registrar === undefined || this.#issuer === undefined || backMs > this.#reachMs) {
      await this.end()
      this.#reachMs = backMs + MARGIN_MS
      this.#registrar = await this.#register('registrar', [])
      this.#issuer = await this.#register('issuer', [this.#options.budget])
    }
    return { registrar: this.#registrar, issuer: this.#issuer }
  }

  /** Revokes the keys there are. */
  async end(): Promise<void> {
    for (const key of [this.#registrar, this.#issuer]) {
      if (key === undefined || !('record' in key.holder)) continue
      await this.#submit(
        makeEntry('revoke', { record: key.holder.record, reason: SUPERSEDED }),
        'revoking an import key',
      )
    }
    this.#registrar = this.#issuer = undefined
  }

  async #register(role: Role, scope: readonly number[]): Promise<SigningKey> {
    const { client } = this.#options
    const { seed, publicKey: key } = newKey(`import-${role}`)
    const backdateMs = this.#reachMs
    await this.#submit(makeEntry('register-key', { key, role, scope, backdateMs }), 'registering an import key')
    const record = await client.recordOf(key)
    check(record !== undefined, 'record-missing', 'the ledger accepted a key, and lists no record of it')
    return { holder: { record }, seed }
  }

  async #submit(entry: Uint8Array, what: string): Promise<void> {
    const { client, root } = this.#options
    // Its record is listed once it is sealed.
    const answer = await client.submit([entry], [root], { wait: 'sealed' })
    if (answer.statuses[0] !== ACCEPTED) throw refusal(answer, 0, what)
  }
}

const SUPERSEDED = 3
