import { TallyClient } from '../../../client/client.ts'
import { ClientError } from '../../../client/failure.ts'
import type { SigningKey } from '../../../client/key.ts'
import { type ClaimedPage, pagesOfStatement } from '../../../client/statements.ts'
import { concatBytes, equalBytes, toHex } from '../../../core/bytes.ts'
import { CodedError } from '../../../core/failure.ts'
import { type Policy, parsePolicy } from '../../../core/note/policy.ts'
import { type Card, formatCard, parseCard } from '../../../verify/card.ts'
import { decodePage, encodePage } from '../../../verify/page.ts'
import { decodeStatement } from '../../../verify/statement.ts'
import { StatementPages } from '../../../verify/statement-pages.ts'
import type { VerifiedStatement } from '../../../verify/verified-statement.ts'
import { checkFile, failedVerdict } from '../../verify/check-file.ts'
import { type OnEntries, verdictOn } from '../../verify/check-statement.ts'
import { trustKindOf } from '../../verify/file-kinds.ts'
import type { Verdict } from '../../verify/verdict.ts'
import type { Device } from '../device.ts'
import { acceptHead, comparedHead } from '../heads.ts'
import type { WalletRecord } from './kept-wallets.ts'
import { formatKeyFile, isKeyFile, newKeyFile, type OwnerKeyFile, parseKeyFile, seedOf } from './key-file.ts'
import { lockKey } from './locked-key.ts'
import type { MadeKey, OwnFacts, OwnLook, SentFacts } from './messages.ts'

/** The wallet cannot do that: the code says why, and the page what to do. */
export class OwnError extends CodedError {
  override readonly name = 'OwnError'
}

/** Lines that a page of a statement has: so that progress is seen. */
const PAGE_LINES = 1000

/** What opens a wallet. */
export interface OpenedWallet {
  readonly account: number
  readonly policy: Policy
  readonly client: TallyClient
  /** Undefined where only what is kept is looked at. */
  readonly key: SigningKey | undefined
}

/** A statement that holds, and what of it acts need. */
export interface HeldStatement {
  readonly verified: VerifiedStatement
  readonly checkpoint: Uint8Array
  readonly isOwner: boolean
}

/** The wallet of one account, in a thread that alone has the key. */
export class OwnWallet {
  readonly device: Device
  readonly #url: string
  #record: WalletRecord | undefined
  #card: Card | undefined
  #file: OwnerKeyFile | undefined
  #opened: OpenedWallet | undefined
  #held: HeldStatement | undefined

  /** @param url - of the ledger that the page came from. */
  constructor(device: Device, url: string) {
    this.device = device
    this.#url = url
  }

  get opened(): OpenedWallet {
    if (this.#opened === undefined) throw new OwnError('not-open', 'no wallet is open')
    return this.#opened
  }

  /** What acts go by: a statement that was verified here, of a key that is the owner's. @throws OwnError. */
  get held(): HeldStatement {
    if (this.#held === undefined) throw new OwnError('not-verified', 'no statement of the account was verified yet')
    return this.#held
  }

  get #name(): string {
    const { account, origin } = this.#record!
    return `${origin} ${account}`
  }

  make(): MadeKey {
    const made = newKeyFile('owner')
    return { file: formatKeyFile(made), publicKey: toHex(made.publicKey), nonce: toHex(made.nonce!) }
  }

  /**
   * Opens a wallet with files, or as this device keeps it; returns the number of its account.
   *
   * @param files - untrusted. @throws OwnError; FormatError of the files.
   */
  async open(files: readonly Uint8Array[], kept: string | undefined, passphrase: string | undefined): Promise<number> {
    const brought = sorted(files)
    const stored = kept === undefined ? undefined : await this.device.get<WalletRecord>('wallets', kept)
    const keyBytes = brought.key ?? (passphrase === undefined ? undefined : stored?.key)
    const file = keyBytes === undefined ? undefined : parseKeyFile(keyBytes)
    const seed = file && (await seedOf(file, passphrase))
    const cardBytes = brought.card ?? stored?.card
    const card = cardBytes && parseCard(cardBytes)
    const account = file?.account ?? card?.account ?? stored?.account
    if (account === undefined) throw new OwnError('card-missing', 'neither key nor card says which account it is')
    checkTogether(file, card, account)
    const known = stored ?? (await this.#storedOf(account, card))
    const policyFrom = brought.policy === undefined ? (known?.policyFrom ?? 'ledger') : 'yours'
    const policy = brought.policy ?? known?.policy ?? (await this.#policyHere())
    const parsed = parsePolicy(policy)
    const ledgerId = file?.ledger ?? card?.ledgerId
    const client = new TallyClient({ url: this.#url, policy: parsed, ...(ledgerId === undefined ? {} : { ledgerId }) })
    const key = seed && { holder: { account }, seed }
    const origin = card?.origin ?? known?.origin ?? parsed.logs[0]?.key.name ?? ''
    this.#file = file && { ...file, secret: { seed: seed! }, account }
    this.#card = card
    this.#held = undefined
    this.#record = {
      ...known,
      account,
      origin,
      policy,
      policyFrom,
      ...(cardBytes === undefined ? {} : { card: cardBytes }),
    }
    this.#opened = { account, policy: parsed, client: key === undefined ? client : client.as(key), key }
    return account
  }

  async #storedOf(account: number, card: Card | undefined): Promise<WalletRecord | undefined> {
    const all = await this.device.all<WalletRecord>('wallets')
    return all.find(([, one]) => one.account === account && (card === undefined || one.origin === card.origin))?.[1]
  }

  async #policyHere(): Promise<Uint8Array> {
    const answer = await fetch(`${this.#url}/policy`).catch(() => undefined)
    if (answer?.ok) return new Uint8Array(await answer.arrayBuffer())
    throw new OwnError('policy-missing', 'the ledger proposes no policy, and none was brought')
  }

  /** Fetches the statement, verifies it, and keeps it where all of it holds; else says what was kept. */
  async look(onEntries: OnEntries): Promise<OwnLook> {
    const { key } = this.opened
    if (key === undefined) return this.#keptLook('no-key')
    const raw: Uint8Array[] = []
    try {
      return await this.#newLook(raw, onEntries)
    } catch (error) {
      if (error instanceof ClientError) {
        if (error.status === 0 || error.status >= 500) return this.#keptLook('unreachable')
        throw error
      }
      if (!(error instanceof CodedError) || raw.length === 0) throw error
      return this.#failedLook(error, raw)
    }
  }

  async #newLook(raw: Uint8Array[], onEntries: OnEntries): Promise<OwnLook> {
    const { account, policy, client } = this.opened
    const [card, kept] = [this.#card, this.#record!.kept]
    const nowMs = Date.now()
    const trust = { policy, nowMs, ...(card === undefined ? {} : { card }), ...(kept === undefined ? {} : { kept }) }
    const reading = new StatementPages(trust)
    let last: ClaimedPage | undefined
    for await (const page of pagesOfStatement(query => client.statement(account, query), { lines: PAGE_LINES })) {
      raw.push(encodePage(page))
      const { lineCount, entries } = reading.take(page.statement, page.growth)
      onEntries(lineCount, entries)
      last = page
    }
    const verified = reading.statement
    const { checkpoint } = decodeStatement(last!.statement)
    const head = await acceptHead(this.device, policy, checkpoint)
    const statement = concatBytes(...raw)
    const own = this.#factsOf(verified)
    const made = this.#cardFrom(verified)
    const verdict = verdictOn(verified, last!.statement, { policy, card: card ?? made, nowMs })
    const isAccepted = head.is === 'first' || head.is === 'same' || head.is === 'grown'
    if (isAccepted) {
      this.#held = { verified, checkpoint, isOwner: own.isOwner }
      const more = made === undefined ? {} : { card: formatCard(made) }
      await this.#keep({ statement, kept: verified.kept, atMs: nowMs, unit: verified.unit, ...more })
      await this.#forgetSettled(verified)
    }
    return { ...(await this.#lookOf(verdict, statement)), own, atMs: nowMs, head }
  }

  /** A statement that does not hold; and whether its log went back, or is another one. */
  async #failedLook(error: CodedError, raw: readonly Uint8Array[]): Promise<OwnLook> {
    const { policy } = this.opened
    const statement = concatBytes(...raw)
    const last = decodePage(raw.at(-1)!).statement
    const verdict = failedVerdict('statement', error, last, { policy, card: this.#card })
    const found = await comparedHead(this.device, policy, last).catch(() => undefined)
    const head = found !== undefined && 'evidence' in found ? found : undefined
    return { ...(await this.#lookOf(verdict, statement)), atMs: Date.now(), head }
  }

  /** What was verified last, verified again from what this device kept. */
  async #keptLook(away: string): Promise<OwnLook> {
    const { statement, policy, card, atMs, kept } = this.#record!
    if (statement === undefined || kept === undefined) throw new OwnError(away, 'nothing of the account is kept here')
    const verdict = checkFile(statement, { policy, card, nowMs: Date.now() })
    return { ...(await this.#lookOf(verdict, statement)), atMs: atMs ?? 0, away }
  }

  async #lookOf(verdict: Verdict, statement: Uint8Array): Promise<Omit<OwnLook, 'atMs'>> {
    const { card, policy, policyFrom, key } = this.#record!
    const brought = { card, policy, policyFrom, hasKey: this.opened.key !== undefined, isKeyKept: key !== undefined }
    return {
      ...brought,
      verdict,
      statement,
      own: undefined,
      head: undefined,
      away: undefined,
      sent: await this.#sent(),
    }
  }

  #factsOf({ whoMay, member, lines }: VerifiedStatement): OwnFacts {
    const { holdings } = member
    const { recoveryKey, recoveryDue } = holdings
    const opening = lines[0]!.transaction
    const key = this.#file?.publicKey
    return {
      isOwner: key !== undefined && whoMay.owner !== null && equalBytes(whoMay.owner.key, key),
      holds: holdings.holds.map(({ id, credit, amount, until }) => ({ id: toHex(id), credit, amount, untilMs: until })),
      consents: holdings.grants.map(({ id, to, may, until }) => {
        return { id: toHex(id), to, may, untilMs: until === 0 ? undefined : until }
      }),
      recovery: whoMay.recovery === null ? undefined : { ...whoMay.recovery, keys: whoMay.recovery.keys.map(toHex) },
      recovering: recoveryKey === null ? undefined : { key: toHex(recoveryKey), dueMs: recoveryDue },
      unitRecord: opening.kind === 'open-account' ? opening.unit : 0,
    }
  }

  /** A card of her own, where her key file has the nonce of the opening: it says as much as one that she was given. */
  #cardFrom({ account, ledgerId, checkpoint, whoMay, lines }: VerifiedStatement): Card | undefined {
    const opening = lines[0]!.transaction
    const nonce = this.#file?.nonce
    const isHers = opening.kind === 'open-account' && nonce !== undefined && equalBytes(nonce, opening.nonce)
    if (this.#card !== undefined || !isHers) return undefined
    const { origin } = checkpoint
    this.#card = { origin, ledgerId, account: account.number, opening: account.opening, nonce, owners: whoMay.owners }
    return this.#card
  }

  async #keep(more: Partial<WalletRecord>): Promise<void> {
    this.#record = { ...this.#record!, ...more }
    await this.device.put('wallets', this.#name, this.#record)
  }

  /** Keeps the key on this device, under a passphrase. */
  async keepKey(passphrase: string): Promise<void> {
    await this.#keep({ key: await this.lockedFile(passphrase) })
  }

  /** The key file, under a passphrase: as the command line reads it. */
  async lockedFile(passphrase: string): Promise<Uint8Array> {
    const file = this.#file
    if (file === undefined || !('seed' in file.secret)) throw new OwnError('no-key', 'no key is open')
    if (passphrase.length < 8) throw new OwnError('passphrase-short', 'a passphrase has at least 8 characters')
    return formatKeyFile({ ...file, secret: { locked: await lockKey(file.secret.seed, file.publicKey, passphrase) } })
  }

  /** Forgets all that this device keeps of the account: the checkpoint of the log stays, which names nobody. */
  async forget(): Promise<void> {
    const { account } = this.opened
    await this.device.delete('wallets', this.#name)
    for (const shelf of ['papers', 'sent'] as const)
      for (const [name, one] of await this.device.all<{ account: number }>(shelf))
        if (one.account === account) await this.device.delete(shelf, name)
    this.#opened = undefined
    this.#held = undefined
    this.#file = undefined
  }

  async #sent(): Promise<SentFacts[]> {
    const all = await this.device.all<SentFacts & { account: number }>('sent')
    return all.flatMap(([, one]) => (one.account === this.opened.account ? [one] : []))
  }

  /** Forgets of what was sent what the account has now; and what can never come into it any more. */
  async #forgetSettled({ lines, seal }: VerifiedStatement): Promise<void> {
    const ids = new Set(lines.map(({ transaction }) => toHex(transaction.id)))
    const { skewMs } = (await this.opened.client.identity()).genesis
    for (const { id, atMs } of await this.#sent())
      if (ids.has(id) || seal.time > atMs + skewMs) await this.device.delete('sent', id)
  }
}

/** What files are, each of its kind. @throws OwnError `file-kind`. */
function sorted(files: readonly Uint8Array[]): { key?: Uint8Array; card?: Uint8Array; policy?: Uint8Array } {
  let found: { key?: Uint8Array; card?: Uint8Array; policy?: Uint8Array } = {}
  for (const bytes of files) {
    const kind = isKeyFile(bytes) ? 'key' : trustKindOf(bytes)
    if (kind === undefined) throw new OwnError('file-kind', 'one of the files is no key, card or policy')
    found = { ...found, [kind]: bytes }
  }
  return found
}

function checkTogether(file: OwnerKeyFile | undefined, card: Card | undefined, account: number): void {
  if (file === undefined || card === undefined) return
  if (card.account !== account) throw new OwnError('wrong-account', 'key and card are of two accounts')
  const isOne = file.ledger === undefined || equalBytes(file.ledger, card.ledgerId)
  if (!isOne) throw new OwnError('wrong-ledger', 'key and card are of two ledgers')
  if (!card.owners.some(owner => equalBytes(owner, file.publicKey)))
    throw new OwnError('wrong-owner', 'the card does not name this key')
}
