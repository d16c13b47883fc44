import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ClosedBooks, lateTable, type Reports, reportsJson, type Table, tableOf } from '../../audit/index.ts'
import { toHex, utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import type { Shop } from '../../files/shop-file.ts'
import { fileExists, makeFolder, readBytes, writeBytes } from '../../node/file-system.ts'
import { conflict, missing } from '../failure.ts'
import { signedText } from './signed-text.ts'

/** A month whose books are closed. */
export interface Closing {
  readonly period: string
  /** When, RFC 3339; and by which key of the API. */
  readonly at: string
  readonly by: string
  readonly treeSize: number
  /** A signed note: the checkpoint, and the digest of the reports as they were then. */
  readonly note: string
  /** SHA-256 of these, hex. */
  readonly digest: string
}

export interface PeriodsOptions {
  readonly shop: Pick<Shop, 'keys' | 'policy'>
  readonly folder: string
  readonly nowMs: () => number
}

/**
 * Months that were closed, each in two files of a folder: the reports as they were, and a note that the shop signed
 * over their digest and the checkpoint. They stay as they are; what comes later is named in `late`.
 */
export class Periods {
  readonly #options: PeriodsOptions
  readonly #books = new Map<string, ClosedBooks>()

  constructor(options: PeriodsOptions) {
    this.#options = options
  }

  #path(period: string, end: 'json' | 'note' | 'reports.json'): string {
    return join(this.#options.folder, `${period}.${end}`)
  }

  /** Those that were closed, the earliest first. */
  async list(): Promise<Closing[]> {
    const names = await readdir(this.#options.folder).catch(() => [])
    const periods = names.flatMap(name => (/^\d{4}-\d\d\.json$/.test(name) ? [name.slice(0, 7)] : [])).sort()
    return Promise.all(periods.map(period => this.get(period)))
  }

  /** One of them. @throws GatewayError `period-unknown`. */
  async get(period: string): Promise<Closing> {
    if (!(await fileExists(this.#path(period, 'json'))))
      throw missing('period-unknown', `${period} was not closed. POST /v1/periods/${period}/close does that.`)
    return JSON.parse(utf8Decode(await readBytes(this.#path(period, 'json')))) as Closing
  }

  /**
   * Closes a month with the reports of now: for good.
   *
   * @param by - name of the key of the API that asked for it.
   * @returns the closing, and whether it was closed now; closed before, it is as it was then.
   * @throws GatewayError `period-open` where the month is not over, in ledger time; `reports-faulty`.
   */
  async close(period: string, reports: Reports, by: string): Promise<{ closing: Closing; isNew: boolean }> {
    const { folder, shop, nowMs } = this.#options
    if (await fileExists(this.#path(period, 'json'))) return { closing: await this.get(period), isNew: false }
    if (reports.ledgerTime.slice(0, 7) <= period)
      throw conflict('period-open', `${period} is not over: ledger time is ${reports.ledgerTime}.`)
    if (reports.faults.length > 0)
      throw conflict(
        'reports-faulty',
        `The audit of the ledger found ${reports.faults[0]!.code}: ${reports.faults[0]!.message}. Nothing is closed on that.`,
      )
    await makeFolder(folder)
    const bytes = utf8Encode(`${JSON.stringify(reportsJson(reports), null, 2)}\n`)
    const digest = toHex(engine().sha256(bytes))
    const at = new Date(nowMs()).toISOString()
    const checkpoint = reports.checkpoint.split('\n').slice(0, 3)
    const lines = ['tallystick/closing/v1', ...checkpoint, period, at, `${digest}  ${period}.reports.json`]
    const note = signedText(shop, lines)
    const closing: Closing = { period, at, by, treeSize: reports.treeSize, note, digest }
    await writeBytes(this.#path(period, 'reports.json'), bytes)
    await writeBytes(this.#path(period, 'note'), utf8Encode(note))
    // The last of the three: what is cut off before it was not closed.
    await writeBytes(this.#path(period, 'json'), utf8Encode(`${JSON.stringify(closing, null, 2)}\n`))
    return { closing, isNew: true }
  }

  /** What came after a month was closed, and is backdated into it. */
  async late({ tables }: Reports): Promise<Table> {
    const closed = await Promise.all((await this.list()).map(({ period }) => this.#closedBooks(period)))
    return lateTable(closed, tables.find(({ name }) => name === 'backdated')!)
  }

  async #closedBooks(period: string): Promise<ClosedBooks> {
    const known = this.#books.get(period)
    if (known !== undefined) return known
    const { treeSize, tables } = JSON.parse(utf8Decode(await readBytes(this.#path(period, 'reports.json')))) as {
      treeSize: number
      tables: Parameters<typeof tableOf>[0][]
    }
    const books = { period, treeSize, tables: tables.map(tableOf).filter(({ name }) => name === 'backdated') }
    this.#books.set(period, books)
    return books
  }
}
