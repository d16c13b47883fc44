import { stat } from 'node:fs/promises'
import { z } from 'zod'
import type { SigningKey } from '../client/index.ts'
import { fromBase64, fromHex, toBase64, toHex, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { publicKeyFromSeed } from '../core/crypto/ed25519.ts'
import { ACCOUNTS_MAX, RECORDS_MAX } from '../core/limits.ts'
import { type Policy, parsePolicy } from '../core/note/policy.ts'
import { UsageError } from '../node/failure.ts'
import { readBytes, writeBytes } from '../node/file-system.ts'
import { plainText } from '../node/plain-text.ts'

/** What a shop may ask its members to spend on an order: docs/programmes.md §9. */
export interface ShopSpend {
  readonly points: number
  readonly cents: number
  /** Of an order's total, as a fraction. */
  readonly share: readonly [number, number]
  readonly least: number
  readonly step: number
}

/** A unit in which a shop gives points, and its numbers in the ledger. */
export interface ShopUnit {
  readonly name: string
  /** Record of the unit, and the leaf hash of what made it. */
  readonly record: number
  readonly terms: Uint8Array
  readonly treasury: number
  readonly budget: number
  readonly expired: number
  /** The merchant account that members are opened for. */
  readonly merchant: number
  /** After how many days what is earned expires; 0: never. */
  readonly expiresDays: number
  /** How long a hold stands, in ms, where the shop does not say. */
  readonly holdMs: number
  readonly spend?: ShopSpend
}

/** The keys that a shop acts with. */
const SHOP_ROLES = ['registrar', 'issuer', 'merchant', 'custodian'] as const
export type ShopRole = (typeof SHOP_ROLES)[number]

/**
 * All that a gateway, a client and the command line need to know of a shop: one file, of mode 0600, as its keys and
 * its secret are in it.
 */
export interface Shop {
  /** URL of the ledger. */
  readonly ledger: string
  readonly ledgerId: Uint8Array
  readonly policy: Policy
  /** The policy as text, as it is written. */
  readonly policyText: string
  /** The first is meant where none is named. */
  readonly units: readonly ShopUnit[]
  readonly keys: Readonly<Record<ShopRole, SigningKey>>
  /** Reads all entries of the ledger, for reports; not there where the shop was made without. */
  readonly auditor?: SigningKey
  /** Leaf hash of the transaction that registered the custodian's key: openings name it. */
  readonly custodianLeaf: Uint8Array
  /** From which references, ids, salts and nonces are derived: 32 bytes. Without it no member is found again. */
  readonly secret: Uint8Array
}

const FORMAT = 'tallystick/shop/v1'
const account = z
  .number()
  .int()
  .min(0)
  .max(ACCOUNTS_MAX - 1)
const record = z
  .number()
  .int()
  .min(0)
  .max(RECORDS_MAX - 1)
const count = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
const key = z.strictObject({ record, public: z.string(), seed: z.string() })

const schema = z.strictObject({
  format: z.literal(FORMAT),
  ledger: z.string().max(1024),
  ledgerId: z.string(),
  policy: z.string().max(65_536),
  units: z
    .array(
      z.strictObject({
        name: z.string().max(32),
        record,
        terms: z.string(),
        treasury: account,
        budget: account,
        expired: account,
        merchant: account,
        expiresDays: z.number().int().min(0).max(36_500),
        holdMs: z.number().int().min(1000).max(31_536_000_000),
        spend: z
          .strictObject({
            points: count,
            cents: count,
            share: z.tuple([count, count]),
            least: count,
            step: count,
          })
          .optional(),
      }),
    )
    .min(1)
    .max(16),
  keys: z.strictObject({ registrar: key, issuer: key, merchant: key, custodian: key }),
  auditor: key.optional(),
  custodianLeaf: z.string(),
  secret: z.string(),
})

/** Writes a shop's file, mode 0600, over an earlier one of its. @throws UsageError `file`. */
export function writeShop(path: string, shop: Shop): Promise<void> {
  const keyOf = ({ holder, seed }: SigningKey) => ({
    record: 'record' in holder ? holder.record : 0,
    public: toHex(publicKeyFromSeed(seed)),
    seed: toBase64(seed),
  })
  const { registrar, issuer, merchant, custodian } = shop.keys
  const value: z.infer<typeof schema> = {
    format: FORMAT,
    ledger: shop.ledger,
    ledgerId: toHex(shop.ledgerId),
    policy: shop.policyText,
    units: shop.units.map(({ terms, spend, ...unit }) => ({
      ...unit,
      terms: toHex(terms),
      ...(spend === undefined ? {} : { spend: { ...spend, share: [spend.share[0], spend.share[1]] } }),
    })),
    keys: {
      registrar: keyOf(registrar),
      issuer: keyOf(issuer),
      merchant: keyOf(merchant),
      custodian: keyOf(custodian),
    },
    ...(shop.auditor === undefined ? {} : { auditor: keyOf(shop.auditor) }),
    custodianLeaf: toHex(shop.custodianLeaf),
    secret: toBase64(shop.secret),
  }
  return writeBytes(path, `${JSON.stringify(value, undefined, 2)}\n`, 0o600)
}

/** The shop of a file. @throws UsageError `file`, `key-mode`, `shop-file`. */
export async function readShop(path: string): Promise<Shop> {
  const bytes = await readBytes(path)
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new UsageError(
      'key-mode',
      `${path} can be read by others (mode ${(mode & 0o777).toString(8)}), and has keys in it. Run: chmod 600 ${path}`,
    )
  try {
    return shopOf(schema.parse(JSON.parse(utf8Decode(plainText(bytes)))))
  } catch (error) {
    // Of the content nothing is repeated: it may be half a key.
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : error instanceof SyntaxError
          ? 'not JSON'
          : (error as Error).message
    throw new UsageError('shop-file', `${path} is not the file of a shop, which \`tally setup shop\` writes: ${why}`)
  }
}

function shopOf({ keys, units, auditor, ...file }: z.infer<typeof schema>): Shop {
  const keyOf = ({ record, seed, ...rest }: z.infer<typeof key>): SigningKey => {
    const bytes = fromBase64(seed)
    if (bytes.length !== 32) throw new Error('a seed has 32 bytes')
    if (toHex(publicKeyFromSeed(bytes)) !== rest.public) throw new Error('a public key is not that of its seed')
    return { holder: { record }, seed: bytes }
  }
  const { registrar, issuer, merchant, custodian } = keys
  const secret = fromBase64(file.secret)
  if (secret.length !== 32) throw new Error('the secret has 32 bytes')
  return {
    ledger: file.ledger,
    ledgerId: fromHex(file.ledgerId, 32),
    policy: parsePolicy(utf8Encode(file.policy)),
    policyText: file.policy,
    units: units.map(({ terms, spend, ...unit }) => ({
      ...unit,
      terms: fromHex(terms, 32),
      ...(spend === undefined ? {} : { spend }),
    })),
    keys: {
      registrar: keyOf(registrar),
      issuer: keyOf(issuer),
      merchant: keyOf(merchant),
      custodian: keyOf(custodian),
    },
    ...(auditor === undefined ? {} : { auditor: keyOf(auditor) }),
    custodianLeaf: fromHex(file.custodianLeaf, 32),
    secret,
  }
}
