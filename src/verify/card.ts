import { equalBytes, fromHex, toHex, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { check, FormatError } from '../core/failure.ts'
import { ACCOUNTS_MAX } from '../core/limits.ts'
import type { NamedLog } from './logs.ts'
import type { Statement } from './statement.ts'

/** What an account's holder keeps, and without which no statement can be known to be *hers* (SPEC §10). */
export interface Card {
  readonly origin: string
  readonly ledgerId: Uint8Array
  readonly account: number
  /** Leaf hash of the opening. */
  readonly opening: Uint8Array
  /** What the holder put into the opening, so that it is nobody else's. */
  readonly nonce: Uint8Array
  /** The public keys that are, or were, the holder's own, oldest first; none where only a custodian acts. */
  readonly owners: readonly Uint8Array[]
}

export const CARD_TAG = 'tallystick/card/v1'
export const CARD_BYTES_MAX = 16_384
/** Owner keys that a card names. */
export const OWNERS_MAX = 128

/** The bytes of a card: JSON. What this makes, `parseCard` reads. */
export function formatCard({ origin, ledgerId, account, opening, nonce, owners }: Card): Uint8Array {
  const card = {
    format: CARD_TAG,
    origin,
    ledger: toHex(ledgerId),
    account,
    opening: toHex(opening),
    nonce: toHex(nonce),
    owners: owners.map(toHex),
  }
  return utf8Encode(`${JSON.stringify(card, undefined, 2)}\n`)
}

/** The card that bytes hold. @param bytes - untrusted. @throws FormatError `card`, `hex`. SPEC §10. */
export function parseCard(bytes: Uint8Array): Card {
  if (bytes.length > CARD_BYTES_MAX) throw new FormatError('card', `a card has at most ${CARD_BYTES_MAX} bytes`)
  let value: unknown
  try {
    value = JSON.parse(utf8Decode(bytes))
  } catch (error) {
    throw new FormatError('card', 'a card is JSON', { cause: error })
  }
  if (typeof value !== 'object' || value === null) throw new FormatError('card', 'a card is a JSON object')
  const { format, origin, ledger, account, opening, nonce, owners, ...more } = value as Record<string, unknown>
  if (format !== CARD_TAG) throw new FormatError('card', `the format of a card is "${CARD_TAG}"`)
  const unknown = Object.keys(more)
  if (unknown.length > 0) throw new FormatError('card', `a card has no field "${unknown[0]}"`)
  if (typeof account !== 'number' || !Number.isInteger(account) || account < 0 || account >= ACCOUNTS_MAX)
    throw new FormatError('card', 'the account of a card is a whole number below 2^32')
  if (!Array.isArray(owners) || owners.length > OWNERS_MAX)
    throw new FormatError('card', `the owners of a card are a list of at most ${OWNERS_MAX} keys`)
  const [ledgerId, openingLeaf, nonceBytes, ...keys] = [ledger, opening, nonce, ...owners].map(text => hash(text))
  return {
    origin: textOf(origin),
    ledgerId: ledgerId!,
    account,
    opening: openingLeaf!,
    nonce: nonceBytes!,
    owners: keys,
  }
}

function hash(text: unknown): Uint8Array {
  return fromHex(textOf(text), 32)
}

function textOf(value: unknown): string {
  if (typeof value !== 'string')
    throw new FormatError('card', 'origin, ledger, opening, nonce and owners of a card are texts')
  return value
}

/**
 * Checks that an account of a ledger is the one that a card names.
 *
 * @param logs - that the ledger is, or was, in: a card names any of them.
 * @throws VerifyError `wrong-ledger`, `wrong-account`, `wrong-opening`. SPEC §10.
 */
export function checkCard(card: Card, logs: readonly NamedLog[], account: Statement['account']): void {
  const { origin, ledgerId } = logs.at(-1)!
  const isLedger = logs.some(log => card.origin === log.origin && equalBytes(card.ledgerId, log.ledgerId))
  check(isLedger, 'wrong-ledger', `the statement is of ledger ${toHex(ledgerId)} of ${origin}, not of your card's`)
  const words = `the statement is of account ${account.number}, your card of ${card.account}`
  check(card.account === account.number, 'wrong-account', words)
  const isOpening = equalBytes(card.opening, account.opening)
  check(isOpening, 'wrong-opening', 'the account was opened by another entry than your card names')
}
