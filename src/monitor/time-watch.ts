import { type ArchiveSource, absent, archivedSince, linesOf } from '../client/index.ts'
import { utf8Decode } from '../core/bytes.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import { ARCHIVE_MS, BEAT_MS_MAX } from '../core/limits.ts'
import { isTestPolicy, type Policy } from '../core/note/policy.ts'
import type { LedgerIdentity } from '../verify/identity.ts'
import { clockAhead, SealGaps, standsBehind, testRemark, VouchedTime } from '../verify/ledger-time.ts'
import { openSealed, parseSealed, type TimedCheckpoint } from '../verify/sealed-checkpoint.ts'
import type { Trouble } from './watcher.ts'

/** Where ledger time shows: a ledger, or a mirror. Untrusted. */
export interface TimeSource extends ArchiveSource {
  /** The latest checkpoint with its seal, a line; undefined where none is served. */
  seal(): Promise<Uint8Array | undefined>
  /** Which ledger it is, proven under the policy: its genesis says how long it leaves between two seals. */
  identity?(): Promise<Pick<LedgerIdentity, 'genesis'>>
}

/**
 * Holds ledger time against those who cosign, and the clock here (SPEC §11): that of the last seal at each look, that
 * of the archive as it grows. What it finds is said, and convicts nobody.
 */
export class TimeWatch {
  readonly #policy: Policy
  readonly #source: TimeSource
  readonly #gaps = new SealGaps()
  readonly #vouched: VouchedTime
  #archivedSize: number
  #archivedMs = Number.NEGATIVE_INFINITY
  #last: TimedCheckpoint | undefined
  #beatMs: number | undefined

  /** @param fromSize - what the archive has of logs of so many entries was looked at before. */
  constructor(source: TimeSource, policy: Policy, fromSize = 0) {
    this.#source = source
    this.#policy = policy
    this.#vouched = new VouchedTime(policy)
    this.#archivedSize = fromSize
  }

  /** The last seal that was shown, and its checkpoint; undefined where none was. */
  get last(): TimedCheckpoint | undefined {
    return this.#last
  }

  /** How many checkpoints of the archive a quorum cosigned, of those that were looked at. */
  get vouchedCount(): number {
    return this.#vouched.count
  }

  /** What is wrong with ledger time. @throws ClientError where nobody answers. */
  async look(nowMs: number): Promise<Trouble[]> {
    const found = [...(await tried(() => this.#lookAtSeal(nowMs))), ...(await tried(() => this.#lookAtArchive(nowMs)))]
    const troubles = [...found, ...this.#vouched.troubles.filter(({ code }) => code === 'clock-ahead')]
    return troubles.map(one => ({ ...one, subject: 'ledger time' }))
  }

  /** What is worth a word, and is no trouble now: seals that stood far apart, times that nobody vouches for. */
  get remarks(): readonly { readonly code: string; readonly message: string }[] {
    const test = testRemark(this.#policy)
    const found = [test ?? this.#gaps.trouble, ...this.#vouched.troubles.filter(({ code }) => code !== 'clock-ahead')]
    return found.filter(one => one !== undefined)
  }

  async #lookAtSeal(nowMs: number): Promise<LookTrouble[]> {
    const file = await this.#source.seal()
    if (file === undefined) return []
    const sealed = parseSealed(linesOf(file)[0] ?? '')
    const one = openSealed(sealed, this.#policy)
    this.#last = one
    const beatMs = await this.#beat()
    this.#gaps.add(one.seal, beatMs)
    const { time } = one.seal
    const found = [
      clockAhead(time, one.checkpoint, this.#policy, nowMs),
      isTestPolicy(this.#policy) ? undefined : standsBehind(time, nowMs, beatMs),
    ]
    const evidence = { checkpoint: utf8Decode(sealed.checkpoint) }
    return found.flatMap(one => (one === undefined ? [] : [{ ...one, evidence }]))
  }

  /** How long the ledger leaves between two seals; the most that any may where it does not show its genesis. */
  async #beat(): Promise<number> {
    this.#beatMs ??= (await this.#source.identity?.().catch(notShown))?.genesis.beatMs
    return this.#beatMs ?? BEAT_MS_MAX
  }

  async #lookAtArchive(nowMs: number): Promise<LookTrouble[]> {
    // It grows each ten minutes; who was told by the clock here that it is long ago again is not asked sooner.
    if (Math.abs(nowMs - this.#archivedMs) < ARCHIVE_MS) return []
    for await (const one of archivedSince(this.#source, this.#archivedSize, this.#policy)) {
      this.#vouched.add(one, await this.#beat())
      this.#archivedSize = one.checkpoint.size
    }
    this.#archivedMs = nowMs
    return []
  }
}

type LookTrouble = Omit<Trouble, 'subject'>

/** What a look found, or what it ended in: what is served is not of its form, or not the log's. */
async function tried(look: () => Promise<LookTrouble[]>): Promise<LookTrouble[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof CodedError) || !(error instanceof FormatError || error instanceof VerifyError)) throw error
    return [{ code: error.code, message: `what is served of ledger time does not hold: ${error.message}` }]
  }
}

/** A folder has no registry that leads from a genesis to the log in which its ledger went on. */
function notShown(error: unknown): undefined {
  return error instanceof CodedError && error.code === 'log-identity' ? undefined : absent(error)
}
