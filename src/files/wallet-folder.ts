import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fromBase64, fromHex, toBase64, toHex, utf8Decode } from '../core/bytes.ts'
import { ACCOUNTS_MAX, RECORDS_MAX } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import type { Policy, TrustedCheckpoint } from '../core/note/policy.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../node/file-system.ts'
import { lock } from '../node/lock.ts'
import type { EvidenceFile } from '../verify/evidence/evidence-file.ts'
import type { KeptState } from '../verify/kept-state.ts'
import { acceptedPath, Memory, type Seen } from './accepted-checkpoint.ts'

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
  /** Of each log what was read here, and what is verified now is compared with. */
  readonly #seen = new Map<string, Seen>()

  private constructor(directory: string, unlock: () => Promise<void>) {
    this.#directory = directory
    this.#unlock = unlock
  }

  /** Opens a folder for this process alone, or makes it. @throws UsageError `state`. */
  static async open(directory: string): Promise<WalletState> {
    await refuseFile(directory)
    return new WalletState(directory, await lock(join(directory, 'wallet.lock')))
  }

  close(): Promise<void> {
    return this.#unlock()
  }

  /**
   * The checkpoint that was accepted last of each log of the policy that there is one of. @throws UsageError `state`.
   */
  async seen(policy: Policy): Promise<Checkpoint[]> {
    const origins = new Set(policy.logs.map(({ key }) => key.name))
    for (const origin of origins) {
      const one = await this.#memory(policy, origin).read()
      if (one !== undefined) this.#seen.set(origin, one)
    }
    return [...this.#seen.values()].map(one => one.checkpoint)
  }

  /**
   * Keeps a checkpoint where everything that came with it holds, if it is later than the one that `seen` told of.
   *
   * @throws UsageError `state` where another process has kept another one since: the two were not compared.
   */
  async keepCheckpoint(policy: Policy, note: Uint8Array, checkpoint: TrustedCheckpoint): Promise<void> {
    const last = this.#seen.get(checkpoint.origin)
    if (last !== undefined && last.checkpoint.size >= checkpoint.size) return
    const memory = this.#memory(policy, checkpoint.origin)
    if (await memory.keep({ note, checkpoint, seenMs: Date.now() }, last)) return
    throw new UsageError(
      'state',
      `Another process, such as a watch, accepted a checkpoint in ${this.#directory} while this was verified, and what ` +
        'was verified is not compared with that. Nothing was kept: verify it again.',
    )
  }

  kept(origin: string, account: number): Promise<KeptAccount | undefined> {
    return readKept(this.#directory, origin, account)
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
      records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
      sealed: toBase64(kept.sealed),
    }
    await writeBytes(keptPath(this.#directory, origin, kept.account), `${JSON.stringify(state, undefined, 2)}\n`, 0o600)
  }

  /** Keeps what shows that a log of the policy broke its word, and returns the file's name. */
  keepTrouble(policy: Policy, report: EvidenceFile): Promise<string> {
    return this.#memory(policy, report.origin).keepTrouble(report)
  }

  #memory(policy: Policy, origin: string): Memory {
    return new Memory(this.#directory, { ...policy, logs: policy.logs.filter(({ key }) => key.name === origin) })
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
