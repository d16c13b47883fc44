import { join } from 'node:path'
import { ofMonth, type ReportName, type Reports, ReportsThread, type Table } from '../../audit/index.ts'
import type { TallyClient } from '../../client/index.ts'
import { equalBytes } from '../../core/bytes.ts'
import { type Checkpoint, parseCheckpoint } from '../../core/note/checkpoint.ts'
import { parseNote } from '../../core/note/note.ts'
import type { Shop } from '../../files/shop-file.ts'
import { GatewayError } from '../failure.ts'

/** How long the end of a gateway waits for reports that are being made. */
const CLOSE_MS = 5000

export interface ShopReportsOptions {
  readonly shop: Shop
  /** Calls the ledger. */
  readonly client: TallyClient
  /** Where an audit keeps how far it came. */
  readonly folder: string
}

/**
 * The reports of a ledger, by an audit of it: the same tables as `tally audit --reports` has of the same checkpoint.
 * Made where the ledger has published more since the last time, in a thread of their own, one after another.
 */
export class ShopReports {
  readonly #options: ShopReportsOptions
  #last: { readonly checkpoint: Checkpoint; readonly reports: Reports } | undefined
  #thread: ReportsThread | undefined

  constructor(options: ShopReportsOptions) {
    this.#options = options
  }

  /**
   * The reports of the latest checkpoint.
   *
   * @throws GatewayError `no-auditor`; what `makeReports` throws.
   */
  async latest(): Promise<Reports> {
    const { client } = this.#options
    const published = checkpointOf(await client.checkpoint())
    if (this.#last !== undefined && isSame(this.#last.checkpoint, published)) return this.#last.reports
    if (this.#thread !== undefined) {
      // What is being made may be of an earlier checkpoint: who comes now waits for the next.
      await this.#thread.made.catch(() => {})
      return this.latest()
    }
    const { auditor } = this.#options.shop
    if (auditor === undefined)
      throw new GatewayError(
        'no-auditor',
        'The file of the shop has no key of an auditor, which reports are made with. `tally setup shop` makes one, ' +
          'unless it is told --no-reports; `tally setup shop --add` makes one with another unit.',
        { status: 409, isRetryable: false },
      )
    this.#thread = new ReportsThread(client.as(auditor), join(this.#options.folder, 'audited'))
    try {
      const reports = await this.#thread.made
      this.#last = { checkpoint: checkpointOf(Buffer.from(reports.checkpoint)), reports }
      return reports
    } finally {
      this.#thread = undefined
    }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    const thread = this.#thread
    if (thread === undefined) return
    const made = thread.made.then(
      () => {},
      () => {},
    )
    await Promise.race([made, new Promise(resolve => setTimeout(resolve, CLOSE_MS).unref())])
    await thread.close()
  }
}

function checkpointOf(note: Uint8Array): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

function isSame(one: Checkpoint, other: Checkpoint): boolean {
  return one.size === other.size && equalBytes(one.root, other.root)
}

/** Tables of which a merchant may see rows, its own: each has a column `account`. */
const OF_MERCHANTS: ReadonlySet<string> = new Set(['merchants', 'shops'] satisfies ReportName[])

/** The table of a name, for a month where one is named, and of these merchants alone where some are. */
export function tableFor(
  { tables }: Reports,
  name: ReportName,
  { period, merchants }: { readonly period?: string | undefined; readonly merchants?: readonly number[] | undefined },
): Table {
  const found = tables.find(table => table.name === name)!
  const table = period === undefined ? found : ofMonth(found, period)
  if (merchants === undefined) return table
  if (!OF_MERCHANTS.has(name))
    throw new GatewayError(
      'key-merchant',
      `The key is of a merchant: it sees its own rows of ${[...OF_MERCHANTS].join(' and ')}, and nothing else.`,
      { status: 403, isRetryable: false },
    )
  const at = table.columns.indexOf('account')
  return { ...table, rows: table.rows.filter(row => merchants.includes(row[at] as number)) }
}
