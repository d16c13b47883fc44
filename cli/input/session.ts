import { join } from 'node:path'
import { FollowedClock, type ListedRecord, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { equalBytes, toHex } from '../../src/core/bytes.ts'
import { VerifyError } from '../../src/core/failure.ts'
import { isTestPolicy, type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import {
  type KeyFile,
  keyPath,
  memberPaths,
  readKey,
  rootPath,
  signingKey,
  unregistered,
} from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { readText } from '../../src/node/plain-text.ts'
import { parseCard } from '../../src/verify/card.ts'
import type { Remote } from './options.ts'

/** Refuses what is no URL of a ledger. @throws UsageError `url`. */
export function ledgerUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new UsageError('url', `"${url}" is not the URL of a ledger, such as http://127.0.0.1:8080`)
}

/** Whom a command trusts: `--policy`, or the policy in `--data`. @throws UsageError `policy-missing`; FormatError. */
export async function policyFor({ policy, data }: Pick<Remote, 'policy' | 'data'>): Promise<Policy> {
  const path = policy ?? join(data, 'policy')
  if (policy !== undefined || (await fileExists(path))) return readText(path, parsePolicy)
  throw new UsageError(
    'policy-missing',
    `There is no ${path}, and nothing is asked or signed without a policy: it says which log you trust. Name the ` +
      'data directory of the ledger with --data, or with --policy the file that someone you trust gave you.',
  )
}

/** A ledger, under the policy that a command was given, and the keys that it was given for it. */
export class Session {
  readonly client: TallyClient
  readonly policy: Policy
  /** What the command was given. */
  readonly remote: Remote
  #records: Promise<ListedRecord[]> | undefined

  /** The time by which the ledger goes: that of this machine, or of a test ledger. */
  readonly nowMs: () => number

  private constructor(remote: Remote, policy: Policy, more: Partial<TallyClient['options']>, nowMs: () => number) {
    this.remote = remote
    this.policy = policy
    this.nowMs = nowMs
    this.client = new TallyClient({ ...more, url: ledgerUrl(remote.url), policy, nowMs })
  }

  /** @throws UsageError `policy-missing`, `url`; FormatError of the policy. */
  static async open(remote: Remote, more: Partial<TallyClient['options']> = {}): Promise<Session> {
    const policy = await policyFor(remote)
    if (!isTestPolicy(policy)) return new Session(remote, policy, more, more.nowMs ?? Date.now)
    const clock: FollowedClock = new FollowedClock(() => session.client)
    const session: Session = new Session(remote, policy, more, () => clock.nowMs())
    // That it does not answer is said by what is asked of it.
    await clock.look().catch(() => {})
    return session
  }

  /** The records of the registry, proven: asked for once. */
  registry(): Promise<ListedRecord[]> {
    this.#records ??= this.client.registry()
    return this.#records
  }

  /** The signing key of a command: `--key`, or the key of that name in `--data`. */
  async key(name: string): Promise<SigningKey> {
    return this.keyIn(await this.#keyPath(name))
  }

  /** An auditor's key, as its file has it. @throws UsageError of `readKey`; VerifyError: it is for another ledger. */
  async auditorKeyFile(): Promise<KeyFile> {
    const path = await this.#keyPath('auditor')
    const key = await readKey(path)
    if (key.ledger !== undefined) await this.mustBe(key.ledger, path)
    return key
  }

  /**
   * The key of an auditor, whose record is the ledger's word: an audit is to find out whether the registry is false,
   * and a token under a wrong number is worth nothing.
   */
  async auditorKey(): Promise<SigningKey> {
    const { name, publicKey, seed } = await this.auditorKeyFile()
    const record = await this.client.recordOf(publicKey)
    if (record === undefined) throw unregistered(name)
    return { holder: { record }, seed }
  }

  async #keyPath(name: string): Promise<string> {
    const { key, data } = this.remote
    const path = key ?? (name === 'root' ? await rootPath(data) : keyPath(data, name))
    if (key === undefined && !(await fileExists(path)))
      throw new UsageError(
        'key-missing',
        `There is no ${path}. Name the ledger's data directory with --data, or a key with --key.` +
          (name === 'root' ? ' The root key may have been taken to a safe place: bring it for this one command.' : ''),
      )
    return path
  }

  /** The signing key in a file. */
  async keyIn(path: string): Promise<SigningKey> {
    return this.#keyOf(await readKey(path), path)
  }

  /**
   * The key that acts for an account: `--custodian`; or the owner's, which is `--key`, or the one that `account open`
   * wrote.
   */
  async ownerKey(account: number): Promise<SigningKey> {
    const { key, data, custodian } = this.remote
    if (custodian !== undefined) return this.keyIn(custodian)
    const { key: own, card } = memberPaths(data, account)
    const path = key ?? own
    if (key === undefined && !(await fileExists(path)))
      throw new UsageError(
        'key-missing',
        `There is no ${path}, the owner key of account ${account}. Name it with --key.`,
      )
    const file = await readKey(path)
    checkIsOf(account, file.account, path)
    if (key === undefined && (await fileExists(card)))
      await this.mustBe((await readText(card, parseCard)).ledgerId, card)
    return this.#keyOf({ ...file, account: file.account ?? account }, path)
  }

  /**
   * A client that calls with `--custodian`, with the key `name`, or with the owner key of `account` where `--data` has
   * that and not the other.
   */
  async calling(name: string, account?: number): Promise<TallyClient> {
    const { key, data, custodian } = this.remote
    if (custodian !== undefined) return this.client.as(await this.keyIn(custodian))
    const isMember = account !== undefined && key === undefined && !(await fileExists(keyPath(data, name)))
    const caller = isMember ? await this.ownerKey(account) : await this.key(name)
    if (account !== undefined && 'account' in caller.holder)
      checkIsOf(account, caller.holder.account, key ?? memberPaths(data, account).key)
    return this.client.as(caller)
  }

  /** Refuses another ledger than a file is of. @throws VerifyError `wrong-ledger`, or of `TallyClient.identity`. */
  async mustBe(ledgerId: Uint8Array, file: string): Promise<void> {
    const { ledgerId: found, ledgerIds } = await this.client.identity()
    if (!ledgerIds.some(one => equalBytes(one, ledgerId)))
      throw new VerifyError('wrong-ledger', `${file} is of ledger ${toHex(ledgerId)}, and this is ${toHex(found)}`)
  }

  async #keyOf(file: KeyFile, path: string): Promise<SigningKey> {
    if (file.ledger !== undefined) await this.mustBe(file.ledger, path)
    return signingKey(file, this.client)
  }
}

/** Refuses the key of another account's owner. @throws UsageError `key-file`. */
function checkIsOf(account: number, own: number | undefined, path: string): void {
  if (own !== undefined && own !== account)
    throw new UsageError(
      'key-file',
      `${path} is the owner key of account ${own}, and this is about account ${account}.`,
    )
}
