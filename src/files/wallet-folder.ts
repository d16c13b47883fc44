import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Decode } from '../core/bytes.ts'
import type { VerifyError } from '../core/failure.ts'
import { ACCOUNTS_MAX, RECORDS_MAX } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import type { Policy, TrustedCheckpoint } from '../core/note/policy.ts'
import { openSigned } from '../core/note/signed.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../node/file-system.ts'
import type { EvidenceFile } from '../verify/evidence/evidence-file.ts'
import { evidenceOf } from '../verify/evidence/make-evidence.ts'
import type { KeptState } from '../verify/kept-state.ts'
import { originsClaimed } from '../verify/logs.ts'
import { decodeStatement } from '../verify/statement.ts'
import type { SeenCheckpoint } from '../verify/verified-statement.ts'
import { acceptedPath, CheckpointKeeper, lockAccepted } from './accepted-checkpoint.ts'

const place = z.int().min(0)
const schema = z.strictObject({
  format: z.literal('tallystick/state/v3'),
  ledgerId: z.string(),
  account: z
    .int()
    .min(0)
    .max(ACCOUNTS_MAX - 1),
  opening: z.string(),
  size: z.int().min(1),
  entries: z.array(z.string()).min(1),
  times: z.array(place.nullable()).min(1),
  links: z.array(z.int().min(1)).optional(),
  records: z.array(
    z.strictObject({
      number: place.max(RECORDS_MAX - 1),
      leaf: z.string(),
      until: place,
      next: place.max(RECORDS_MAX - 1),
      size: place,
    }),
  ),
  sealed: z.string(),
})

/** What a wallet keeps of an account. */
export interface KeptAccount extends KeptState {
  /** The statement without its lines: what the log said of the account then, for others to see. */
  readonly sealed: Uint8Array
}

/**
 * What a wallet keeps between visits (SPEC §10), in a folder: of each log the checkpoint that it accepted last, in the
 * file in which `tally watch` keeps it, so that each goes on from the other; of each account the entries that were
 * verified.
 */
export class WalletState {
  readonly #directory: string
  readonly #unlock: () => Promise<void>

  private constructor(directory: string, unlock: () => Promise<void>) {
    this.#directory = directory
    this.#unlock = unlock
  }

  /**
   * Opens a folder for this process alone, or makes it: what is read here stands until what was made of it is kept. A
   * watch that keeps something there at the moment, or another wallet, is waited for.
   *
   * @throws UsageError `state`, `file`.
   */
  static async open(directory: string): Promise<WalletState> {
    await refuseFile(directory)
    return new WalletState(directory, await lockAccepted(directory))
  }

  close(): Promise<void> {
    return this.#unlock()
  }

  /**
   * The checkpoint that was accepted last of each log of the policy that there is one of. @throws UsageError `state`.
   */
  async seen(policy: Policy): Promise<Checkpoint[]> {
    const origins = new Set(policy.logs.map(({ key }) => key.name))
    const all = await Promise.all([...origins].map(origin => this.#memory(policy, origin).read()))
    return all.flatMap(one => (one === undefined ? [] : [one.checkpoint]))
  }

  /**
   * The same, each with the names of the logs before it, from which the ledger of an account went on to it: as far as
   * that was verified with a statement of the account, and kept. @throws UsageError `state`.
   */
  async seenWith(seen: readonly Checkpoint[], account: number): Promise<SeenCheckpoint[]> {
    return Promise.all(
      seen.map(async one => {
        const kept = await readKept(this.#directory, one.origin, account)
        if (kept === undefined) return one
        return { ...one, before: originsClaimed(decodeStatement(kept.sealed), one.origin).slice(1) }
      }),
    )
  }

  /** Keeps a checkpoint where everything that came with it holds, if it is later than the one before. */
  async keepCheckpoint(policy: Policy, note: Uint8Array, checkpoint: TrustedCheckpoint): Promise<void> {
    const memory = this.#memory(policy, checkpoint.origin)
    const last = await memory.read()
    if (last === undefined || last.checkpoint.size < checkpoint.size)
      await memory.keepLocked({ note, checkpoint, seenMs: Date.now() }, last)
  }

  /** What is kept of an account under the first of these logs of which anything is: a log, and those before it. */
  async keptUnder(origins: readonly string[], account: number): Promise<KeptAccount | undefined> {
    for (const origin of origins) {
      const kept = await readKept(this.#directory, origin, account)
      if (kept !== undefined) return kept
    }
    return undefined
  }

  /** Keeps what was verified of an account. It names her purchases, so it is for her eyes. */
  async keep(origin: string, kept: KeptAccount): Promise<void> {
    const state: z.infer<typeof schema> = {
      format: 'tallystick/state/v3',
      ledgerId: toHex(kept.ledgerId),
      account: kept.account,
      opening: toHex(kept.opening),
      size: kept.size,
      entries: kept.entries.map(toBase64),
      times: [...kept.times],
      ...(kept.links.length === 0 ? {} : { links: [...kept.links] }),
      records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
      sealed: toBase64(kept.sealed),
    }
    await writeBytes(keptPath(this.#directory, origin, kept.account), `${JSON.stringify(state, undefined, 2)}\n`, 0o600)
  }

  /**
   * What shows others two checkpoints of a log of which nobody has proven that the one grew out of the other: the one
   * that was accepted last, and one that was not. Of one size and with two roots they convict by themselves.
   *
   * @param note - signed by a log of the policy.
   * @param error - why it was not accepted: only a `consistency-proof` is about two.
   */
  async twoNotes(policy: Policy, note: Uint8Array, { code, message }: VerifyError): Promise<EvidenceFile | undefined> {
    if (code !== 'consistency-proof') return undefined
    const { origin, size, root } = openSigned(note, policy)
    const last = await this.#memory(policy, origin).read()
    if (last === undefined) return undefined
    const isFork = last.checkpoint.size === size && !equalBytes(last.checkpoint.root, root)
    const evidence = { checkpoint: utf8Decode(note), earlier: utf8Decode(last.note) }
    const time = new Date().toISOString()
    return evidenceOf({ origin, time, code: isFork ? 'forked' : code, message, evidence }, policy)
  }

  /** Keeps what shows that a log of the policy broke its word, and returns the file's name. */
  keepTrouble(policy: Policy, report: EvidenceFile): Promise<string> {
    return this.#memory(policy, report.origin).keepTrouble(report)
  }

  #memory(policy: Policy, origin: string): CheckpointKeeper {
    return new CheckpointKeeper(this.#directory, {
      ...policy,
      logs: policy.logs.filter(({ key }) => key.name === origin),
    })
  }
}

async function refuseFile(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory() === false) throw new UsageError('state', `${directory} is a file; --state takes a folder.`)
}

function keptPath(directory: string, origin: string, account: number): string {
  return acceptedPath(directory, origin).replace(/watched$/, `${account}.state.json`)
}

/** What is kept of an account. @throws UsageError `state`. */
export async function readKept(directory: string, origin: string, account: number): Promise<KeptAccount | undefined> {
  await refuseFile(directory)
  const path = keptPath(directory, origin, account)
  if (!(await fileExists(path))) return undefined
  const bytes = await readBytes(path)
  try {
    const { ledgerId, opening, entries, records, sealed, ...rest } = schema.parse(JSON.parse(utf8Decode(bytes)))
    if (rest.times.length !== entries.length) throw new Error('there is a time, or null, for each entry')
    return {
      account: rest.account,
      size: rest.size,
      times: rest.times,
      links: rest.links ?? [],
      ledgerId: fromHex(ledgerId, 32),
      opening: fromHex(opening, 32),
      entries: entries.map(fromBase64),
      records: records.map(({ leaf, ...record }) => ({ ...record, leaf: fromHex(leaf, 32) })),
      sealed: fromBase64(sealed),
    }
  } catch (error) {
    throw new UsageError(
      'state',
      `${path} is not what \`tally verify --state\` wrote: ${(error as Error).message}. Without it the account ` +
        'is verified from its opening on.',
    )
  }
}
