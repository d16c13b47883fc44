import { fromHex, toHex, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { FormatError } from '../core/failure.ts'
import { ACCOUNTS_MAX } from '../core/limits.ts'

/** What an account's holder keeps, and without which no statement can be known to be *hers* (SPEC §10). */
export interface Card {
  readonly origin: string
  readonly ledgerId: Uint8Array
  readonly account: number
  /** Leaf hash of the opening. */
  readonly opening: Uint8Array
}

const CARD_TAG = 'tallystick/card/v1'
const CARD_BYTES_MAX = 4096

/** The bytes of a card: JSON. What this makes, `parseCard` reads. */
export function formatCard({ origin, ledgerId, account, opening }: Card): Uint8Array {
  const card = { format: CARD_TAG, origin, ledger: toHex(ledgerId), account, opening: toHex(opening) }
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
  const { format, origin, ledger, account, opening, ...more } = value as Record<string, unknown>
  if (format !== CARD_TAG) throw new FormatError('card', `the format of a card is "${CARD_TAG}"`)
  const unknown = Object.keys(more)
  if (unknown.length > 0) throw new FormatError('card', `a card has no field "${unknown[0]}"`)
  if (typeof origin !== 'string' || typeof ledger !== 'string' || typeof opening !== 'string')
    throw new FormatError('card', 'origin, ledger and opening of a card are texts')
  if (typeof account !== 'number' || !Number.isInteger(account) || account < 0 || account >= ACCOUNTS_MAX)
    throw new FormatError('card', 'the account of a card is a whole number below 2^32')
  return { origin, ledgerId: fromHex(ledger, 32), account, opening: fromHex(opening, 32) }
}
