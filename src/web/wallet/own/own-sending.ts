import { paperOf } from '../../../client/answer-papers.ts'
import { BatchRefusedError, ClientError } from '../../../client/failure.ts'
import type { SigningKey } from '../../../client/key.ts'
import { makeEntry } from '../../../client/make.ts'
import type { ListedRecord } from '../../../client/registry.ts'
import { LostAnswerError, type SealedAnswer, sendSealed } from '../../../client/send-sealed.ts'
import { equalBytes, fromHex, toHex, utf8Encode } from '../../../core/bytes.ts'
import { commitmentOf } from '../../../core/entry/details.ts'
import { idTimeMs } from '../../../core/entry/id.ts'
import { OUTCOMES } from '../../../core/entry/outcome.ts'
import { decodeTransaction, type Kind } from '../../../core/entry/transaction.ts'
import { CodedError, check, VerifyError } from '../../../core/failure.ts'
import { logIndexesOf } from '../../../verify/batch-answer.ts'
import { encodePromise } from '../../../verify/promise.ts'
import { verifyReceipt } from '../../../verify/receipt.ts'
import type { OwnAct, Paper, Prepared, SendResult, UnitPolicyFacts } from './messages.ts'
import { OwnError, type OwnWallet } from './own-wallet.ts'

/** Bytes of what a consent is for. */
const TERMS_MAX = 2000
/** A quarter of an hour, in which dates of points are counted. */
const QUARTER_MS = 900_000

/** What the owner signs: made, shown, signed, sent, and what the ledger signs of it kept. */
export class OwnSending {
  readonly #wallet: OwnWallet
  /** Entries that were shown to her, by their bytes: no other is signed. */
  readonly #shown = new Map<string, Kind>()
  #records: Promise<readonly ListedRecord[]> | undefined

  constructor(wallet: OwnWallet) {
    this.#wallet = wallet
  }

  #registry(): Promise<readonly ListedRecord[]> {
    this.#records ??= this.#wallet.opened.client.registry().catch((error: unknown) => {
      this.#records = undefined
      throw error
    })
    return this.#records
  }

  /** What the policy of her unit allows. @throws OwnError, and as `TallyClient.registry`. */
  async terms(): Promise<UnitPolicyFacts> {
    const { lines } = this.#wallet.held.verified
    const opening = lines[0]!.transaction
    const unit = opening.kind === 'open-account' ? opening.unit : 0
    const transaction = (await this.#registry())[unit]?.transaction
    if (transaction?.kind !== 'define-unit') throw new OwnError('unit-unknown', `record ${unit} is no unit`)
    const { name, step, giftEach, giftDay, holdMaxMs } = transaction
    const { units } = await this.#wallet.opened.client.ledger()
    const treasury = units.find(({ record }) => record === unit)?.treasury ?? undefined
    return { name, step, giftEach, giftDay, holdMaxMs, treasury }
  }

  /**
   * Makes what she is to sign, and reads it again from its bytes: so what she is shown is what is signed.
   *
   * @throws OwnError `not-verified`, `not-owner`, `record-unknown`, `not-whole`; FormatError.
   */
  async prepare(act: OwnAct): Promise<Prepared> {
    const { held, opened } = this.#wallet
    if (!held.isOwner) throw new OwnError('not-owner', 'the key here is not the one that the account is under now')
    const to = act.kind === 'grant' && act.may === 0 ? await this.#readerOf(act.to) : undefined
    const entry = await this.#entryOf(act)
    const transaction = decodeTransaction(entry)
    this.#shown.set(toHex(entry), transaction.kind)
    const { ledgerId } = await opened.client.identity()
    return { entry, transaction: transaction as Prepared['transaction'], ledgerId: toHex(ledgerId), to }
  }

  /** Who is shown details under a consent: a key of the registry, proven. */
  async #readerOf(record: number): Promise<{ role: string; key: string }> {
    const found = (await this.#registry())[record]
    if (found?.transaction.kind !== 'register-key' || found.until !== 0)
      throw new OwnError('record-unknown', `record ${record} is no key that stands`)
    return { role: found.transaction.role, key: toHex(found.transaction.key) }
  }

  async #entryOf(act: OwnAct): Promise<Uint8Array> {
    const { account } = this.#wallet.opened
    switch (act.kind) {
      case 'redeem':
      case 'transfer':
      case 'hold': {
        const isWhole =
          Number.isSafeInteger(act.amount) && act.amount > 0 && Number.isSafeInteger(act.to) && act.to >= 0
        if (!isWhole) throw new OwnError('not-whole', 'amount and account are whole numbers')
        const moved = { debit: account, credit: act.to, amount: act.amount }
        if (act.kind === 'hold') return makeEntry('hold', { ...moved, until: act.untilMs })
        return act.kind === 'redeem'
          ? makeEntry('redeem', moved)
          : makeEntry('transfer', { ...moved, ...this.#lotFor(act.amount) })
      }
      case 'grant': {
        const { to, may, untilMs: until } = act
        return makeEntry('grant', { account, to, may, until, terms: await this.#termsOf(act.terms) })
      }
      case 'withdraw':
        return makeEntry('withdraw', { account, grant: fromHex(act.grant, 16) })
      case 'veto':
        return makeEntry('veto', { account })
    }
  }

  /**
   * The dates of what a gift is of: of one lot that can be spent, the first to expire of those that have as much.
   *
   * @throws OwnError `gift-lots`.
   */
  #lotFor(amount: number): { matures: number; expires: number } {
    const { lots } = this.#wallet.held.verified.member.holdings
    const now = Date.now() / QUARTER_MS
    const ripe = lots.filter(({ matures, expires }) => matures <= now && (expires === 0 || expires > now))
    const isSooner = (one: { expires: number }, other: { expires: number }) =>
      (one.expires || Infinity) - (other.expires || Infinity)
    const found = ripe.filter(lot => lot.amount >= amount).sort(isSooner)[0]
    if (found !== undefined) return { matures: found.matures, expires: found.expires }
    const most = Math.max(0, ...ripe.map(lot => lot.amount))
    throw new OwnError('gift-lots', `a gift is of points with one date, and of no date there are more than ${most}`)
  }

  /** The commitment to what a consent is for; salt and text are kept, as nobody else can show what it says. */
  async #termsOf(text: string): Promise<Uint8Array> {
    const words = text.trim()
    if (words === '' || utf8Encode(words).length > TERMS_MAX) throw new OwnError('terms', 'say in words what it is for')
    const salt = crypto.getRandomValues(new Uint8Array(32))
    const terms = commitmentOf({ salt, text: words })
    const json = JSON.stringify({ terms: toHex(terms), salt: toHex(salt), text: words }, undefined, 2)
    await this.keep('terms', utf8Encode(`${json}\n`), 'grant', 'made')
    return terms
  }

  /**
   * Signs what was shown, and sends it. What is sent is kept first: after a lost answer the same goes out again, and
   * counts once. What comes back is verified, and kept.
   *
   * @throws OwnError `not-shown`, `no-key`; CodedError where the ledger is not the one of the policy.
   */
  async send(entry: Uint8Array): Promise<SendResult> {
    const { opened, device } = this.#wallet
    const { account, client, key } = opened
    const name = toHex(decodeTransaction(entry).id)
    const again = await device.get<{ entry: Uint8Array }>('sent', name)
    const isAgain = again !== undefined && equalBytes(again.entry, entry)
    if (!isAgain && !this.#shown.has(toHex(entry))) throw new OwnError('not-shown', 'only what was shown is signed')
    if (key === undefined) throw new OwnError('no-key', 'no key is open')
    await client.identity()
    const sent = { id: name, entry, atMs: idTimeMs(fromHex(name, 16)), account }
    await device.put('sent', name, sent)
    const result = await this.sendWith([key], entry, isAgain)
    if (result.became !== 'lost') await device.delete('sent', name)
    return result
  }

  /** Signs with these keys, sends, and keeps what the ledger signs. */
  async sendWith(keys: readonly SigningKey[], entry: Uint8Array, isNamed: boolean): Promise<SendResult> {
    const { client } = this.#wallet.opened
    try {
      return await this.#kept(await sendSealed(client, keys, [entry], isNamed), entry)
    } catch (error) {
      return this.#refused(error, entry)
    }
  }

  async #kept(answer: SealedAnswer, entry: Uint8Array): Promise<SendResult> {
    const { kind } = decodeTransaction(entry)
    const outcome = OUTCOMES[answer.statuses[0]!] ?? 'unknown'
    const index = logIndexesOf(answer)[0]!
    if (answer.kept !== null) await this.keep('promise', encodePromise(answer.kept), kind, outcome)
    const receipt = await this.#receiptOf(index, entry, answer.statuses[0]!).catch((error: unknown) => {
      // It may be fetched later: what was promised is kept, and proves as much.
      if (error instanceof ClientError) return undefined
      throw error
    })
    if (receipt !== undefined) await this.keep('receipt', receipt, kind, outcome)
    return outcome === 'accepted' ? { became: 'accepted', index } : { became: 'refused', outcome, index }
  }

  /** The receipt of what was sent, verified. */
  async #receiptOf(index: number, entry: Uint8Array, status: number): Promise<Uint8Array | undefined> {
    const { client, policy, key } = this.#wallet.opened
    // Only who may read the account is shown one.
    if (key === undefined) return undefined
    const bytes = await client.receipt(index)
    const receipt = verifyReceipt(bytes, policy)
    const isIt = equalBytes(receipt.entry, entry) && receipt.index === index && receipt.status === status
    check(isIt, 'answer-false', 'the receipt is of another entry, or of another outcome, than was answered')
    return bytes
  }

  async #refused(error: unknown, entry: Uint8Array): Promise<SendResult> {
    if (error instanceof LostAnswerError) return { became: 'lost' }
    if (!(error instanceof CodedError)) throw error
    const { code, message } = error
    const paper = paperOf(error, new Date().toISOString())
    if (paper !== undefined) await this.keep(paper.kind, paper.bytes, decodeTransaction(entry).kind, code)
    if (error instanceof VerifyError) return { became: 'false', code, message }
    return { became: 'turned-away', code, message, isSigned: error instanceof BatchRefusedError }
  }

  async keep(kind: Paper['kind'], bytes: Uint8Array, about: Kind, outcome: string): Promise<void> {
    const atMs = Date.now()
    const name = `${atMs}-${kind}-${toHex(crypto.getRandomValues(new Uint8Array(4)))}`
    const { account } = this.#wallet.opened
    await this.#wallet.device.put('papers', name, { name, kind, bytes, atMs, account, about, outcome } satisfies Paper)
  }
}
