import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { SigningKey, TallyClient } from '../client/index.ts'
import { toHex, utf8Decode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { CodedError } from '../core/failure.ts'
import type { Shop } from '../files/shop-file.ts'
import { type BalanceReport, importBalances, parseBalanceMap } from '../issuing/index.ts'
import { csvRows } from '../node/csv-file.ts'
import { fileExists, makeFolder, readBytes, writeBytes } from '../node/file-system.ts'
import { conflict, GatewayError, missing } from './failure.ts'
import type { Members } from './members.ts'
import type { Rulebook } from './rulebook.ts'

/** Jobs that are kept: who brings more deletes some of their folders first. */
const JOBS_MAX = 1000

const settingsSchema = z.strictObject({
  format: z.literal('balances'),
  map: z.string(),
  unit: z.string(),
  decimal: z.enum(['comma', 'point']).optional(),
  delimiter: z.string().optional(),
  isDryRun: z.boolean(),
  skipBad: z.boolean(),
})
/** How a file is read, and what becomes of it. */
export type ImportSettings = z.infer<typeof settingsSchema>

const jobSchema = z.strictObject({
  name: z.string(),
  digest: z.string(),
  madeMs: z.number(),
  settings: settingsSchema,
  /** `faulty`: some rows are none, so nothing was brought. */
  state: z.enum(['waiting', 'running', 'done', 'faulty', 'failed']),
  report: z.custom<BalanceReport>().optional(),
  failure: z.strictObject({ code: z.string(), message: z.string() }).optional(),
})
/** A file that is brought, and what became of it so far. */
export type ImportJob = z.infer<typeof jobSchema>

export interface ImportsOptions {
  readonly shop: Shop
  /** Where jobs are kept: a folder of each. */
  readonly folder: string
  readonly client: TallyClient
  readonly members: Members
  readonly rulebook: Rulebook
  /** The key of the old system, of role `source`; without it nothing but dry runs. */
  readonly source: SigningKey | undefined
  readonly nowMs: () => number
}

/**
 * Files that a shop brings along, as jobs: kept in a folder, done one after another by what `tally import` does them
 * with, and gone on with at the next start where one was cut off. What a job brought before, it does not bring again.
 */
export class Imports {
  readonly #options: ImportsOptions
  readonly #jobs = new Map<string, ImportJob>()
  readonly #progress = new Map<string, { readonly done: number; readonly total: number }>()
  readonly #closing = new AbortController()
  #last: Promise<void> = Promise.resolve()

  private constructor(options: ImportsOptions) {
    this.#options = options
  }

  /** Opens the jobs of a folder, and goes on with those that were cut off. */
  static async open(options: ImportsOptions): Promise<Imports> {
    const imports = new Imports(options)
    const { folder } = options
    for (const place of (await fileExists(folder)) ? await readdir(folder) : []) {
      const path = join(folder, place, 'job.json')
      if (!(await fileExists(path))) continue
      const read = jobSchema.safeParse(JSON.parse(utf8Decode(await readBytes(path))))
      if (read.success) imports.#jobs.set(read.data.name, read.data)
    }
    for (const job of imports.list()) if (job.state === 'waiting' || job.state === 'running') imports.#run(job.name)
    return imports
  }

  /** The jobs, those made last first. */
  list(): ImportJob[] {
    return [...this.#jobs.values()].sort((a, b) => b.madeMs - a.madeMs || (a.name < b.name ? -1 : 1))
  }

  /** @throws GatewayError `import-unknown`. */
  get(name: string): ImportJob {
    const job = this.#jobs.get(name)
    if (job === undefined) throw missing('import-unknown', `There is no import "${name}": GET /v1/imports lists all.`)
    return job
  }

  /** How far a job that runs has come; undefined where it does not. */
  progress(name: string): { readonly done: number; readonly total: number } | undefined {
    return this.#progress.get(name)
  }

  /**
   * Takes a file, and begins with it after those that came before.
   *
   * @param bytes - untrusted.
   * @returns whether it is new; under a name that it has already it is the job that there is.
   * @throws GatewayError `key-reused` where the name is another file's, `source-missing`, `imports-full`.
   */
  async add(
    name: string,
    settings: ImportSettings,
    bytes: Uint8Array,
  ): Promise<{ readonly job: ImportJob; readonly isNew: boolean }> {
    const digest = toHex(engine().sha256(bytes))
    const before = this.#jobs.get(name)
    if (before !== undefined) {
      if (before.digest === digest && JSON.stringify(before.settings) === JSON.stringify(settings))
        return { job: before, isNew: false }
      throw conflict('key-reused', `The import "${name}" is of another file, or read otherwise. Take another id.`)
    }
    if (this.#jobs.size >= JOBS_MAX)
      throw conflict(
        'imports-full',
        `There are ${JOBS_MAX} imports. Delete folders of old ones in the gateway's --state.`,
      )
    this.#mustHaveSource(settings)
    const job: ImportJob = { name, digest, madeMs: this.#options.nowMs(), settings, state: 'waiting' }
    this.#jobs.set(name, job)
    await makeFolder(this.#place(name))
    await writeBytes(this.#rows(name), bytes, 0o600)
    await this.#keep(job)
    this.#run(name)
    return { job, isNew: true }
  }

  /**
   * Does a job again, or for the first time what a dry run has shown. What it brought before counts once.
   *
   * @throws GatewayError `import-unknown`, `import-runs`, `source-missing`.
   */
  async again(name: string, changed: Partial<Pick<ImportSettings, 'isDryRun' | 'skipBad'>>): Promise<ImportJob> {
    const { report: _, failure: __, ...job } = this.get(name)
    if (job.state === 'waiting' || job.state === 'running')
      throw conflict('import-runs', `The import "${name}" is under way: GET /v1/imports/{id} says how far.`)
    const settings = { ...job.settings, ...changed }
    this.#mustHaveSource(settings)
    const next: ImportJob = { ...job, settings, state: 'waiting' }
    await this.#keep(next)
    this.#run(name)
    return next
  }

  /** Cuts off what is under way: the next start goes on with it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#last
  }

  #mustHaveSource({ isDryRun }: ImportSettings): void {
    if (isDryRun || this.#options.source !== undefined) return
    throw new GatewayError(
      'source-missing',
      'Balances are signed by the old system, too: register its key (tally key register --role source), and start the ' +
        'gateway with --source and its file. A dry run needs none.',
      { status: 409, isRetryable: true },
    )
  }

  #run(name: string): void {
    this.#last = this.#last.then(() => this.#perform(name))
  }

  async #perform(name: string): Promise<void> {
    const { signal } = this.#closing
    if (signal.aborted) return
    const job: ImportJob = { ...this.get(name), state: 'running' }
    await this.#keep(job)
    try {
      const report = await this.#bring(job)
      // One that is cut off stays as it is, and is gone on with.
      if (signal.aborted && !report.isComplete) return
      const isFaulty = report.badRows > 0 && !job.settings.skipBad && !job.settings.isDryRun
      await this.#keep({ ...job, state: isFaulty ? 'faulty' : 'done', report })
    } catch (error) {
      if (signal.aborted) return
      const code = error instanceof CodedError ? error.code : 'internal'
      await this.#keep({ ...job, state: 'failed', failure: { code, message: (error as Error).message } })
    } finally {
      this.#progress.delete(name)
    }
  }

  async #bring({ name, settings }: ImportJob): Promise<BalanceReport> {
    const { shop, client, members, rulebook, source } = this.#options
    const { unit: unitName, map, decimal, delimiter, isDryRun, skipBad } = settings
    const unit = members.unit(unitName)
    const { holder } = shop.keys.custodian
    return importBalances(csvRows(this.#rows(name), delimiter), {
      ...{ client, issuer: shop.keys.issuer, registrar: shop.keys.registrar, budget: unit.budget },
      // A dry run signs nothing.
      source: source ?? shop.keys.registrar,
      unit: { ...rulebook.unit(unit.record), record: unit.record, terms: unit.terms },
      secret: shop.secret,
      members: {
        secret: shop.secret,
        sponsorOf: () => unit.merchant,
        custodian: { record: 'record' in holder ? holder.record : 0, leaf: shop.custodianLeaf },
      },
      map: parseBalanceMap(map),
      ...(decimal === undefined ? {} : { decimal }),
      ...{ skipBad, isDryRun, signal: this.#closing.signal },
      proofWords: index => `The receipt: GET /v1/proofs/${index}`,
      onProgress: (done, total) => this.#progress.set(name, { done, total }),
    })
  }

  async #keep(job: ImportJob): Promise<void> {
    this.#jobs.set(job.name, job)
    await writeBytes(join(this.#place(job.name), 'job.json'), `${JSON.stringify(job)}\n`, 0o600)
  }

  /** A name is any text, which a folder cannot have. */
  #place(name: string): string {
    return join(this.#options.folder, toHex(engine().sha256(new TextEncoder().encode(name))).slice(0, 32))
  }

  #rows(name: string): string {
    return join(this.#place(name), 'rows.csv')
  }
}
