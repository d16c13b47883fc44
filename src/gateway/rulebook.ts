import type { ListedRecord, TallyClient } from '../client/index.ts'
import type { DefineUnit } from '../core/entry/transaction.ts'
import type { Shop } from '../files/shop-file.ts'
import { missing } from './failure.ts'

/** The registry of the ledger as a gateway needs it: policies of units, and rules by name. Proven under the policy. */
export class Rulebook {
  readonly #client: TallyClient
  #records: readonly ListedRecord[]

  private constructor(client: TallyClient, records: readonly ListedRecord[]) {
    this.#client = client
    this.#records = records
  }

  /** @throws AnswerError, ClientError of `TallyClient.registry`. */
  static async read(client: TallyClient): Promise<Rulebook> {
    return new Rulebook(client, await client.registry())
  }

  /** The policy of the unit of a record. */
  unit(record: number): DefineUnit {
    const transaction = this.#records[record]?.transaction
    if (transaction?.kind === 'define-unit') return transaction
    throw missing(
      'unit-unknown',
      `Record ${record} of the ledger is no unit: the file of the shop is of another ledger.`,
    )
  }

  /** The record of a rule that stands. @throws GatewayError `rule-unknown`. */
  async rule(name: string): Promise<number> {
    const found = this.#rule(name)
    if (found !== undefined) return found
    await this.refresh()
    const again = this.#rule(name)
    if (again !== undefined) return again
    throw missing('rule-unknown', `No rule "${name}" stands in the ledger: see \`tally rule list\`.`)
  }

  /** The name of the rule of a record, also of one that came since the registry was read; undefined of no rule. */
  async nameOf(record: number): Promise<string | undefined> {
    if (record >= this.#records.length) await this.refresh()
    const transaction = this.#records[record]?.transaction
    return transaction?.kind === 'publish-rule' ? transaction.name : undefined
  }

  /** The keys with which a shop signs, and since and until which entry of the log each is valid, as it is now. */
  async keys({
    keys,
    auditor,
  }: Shop): Promise<{ role: string; record: number; since: number; until: number | null }[]> {
    await this.refresh()
    const all = [...Object.entries(keys), ...(auditor === undefined ? [] : [['auditor', auditor] as const])]
    return all.flatMap(([role, { holder }]) => {
      const listed = 'record' in holder ? this.#records[holder.record] : undefined
      if (listed === undefined) return []
      return [{ role, record: listed.number, since: listed.from, until: listed.until === 0 ? null : listed.until }]
    })
  }

  /** Reads the registry again. */
  async refresh(): Promise<void> {
    this.#records = await this.#client.registry()
  }

  #rule(name: string): number | undefined {
    return this.#records.findLast(
      ({ transaction, until }) => until === 0 && transaction.kind === 'publish-rule' && transaction.name === name,
    )?.number
  }
}
