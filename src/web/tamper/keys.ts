import type { SigningKey } from '../../client/index.ts'
import { publicKeyFromSeed } from '../../core/crypto/ed25519.ts'
import { COSIGNATURE_KEY, ED25519_KEY, verifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'

/** A key made from a number, always the same: nobody's but this page's. */
const seedOf = (n: number) => new Uint8Array(32).fill(n)

const LOG_SEED = seedOf(1)
const WITNESS_SEED = seedOf(2)

/** The keys of the room. The visitor has that of the log, and none of the others. */
export const KEYS = {
  log: LOG_SEED,
  logKey: verifierKey('tamper.example/points', ED25519_KEY, publicKeyFromSeed(LOG_SEED)),
  witness: WITNESS_SEED,
  witnessKey: verifierKey('witness.example', COSIGNATURE_KEY, publicKeyFromSeed(WITNESS_SEED)),
  root: seedOf(3),
  registrar: seedOf(4),
  treasurer: seedOf(5),
  issuer: seedOf(6),
  operator: seedOf(7),
  mei: seedOf(8),
  stranger: seedOf(9),
} as const

/** Records of the room's registry, by number. */
export const RECORD = { root: 0, registrar: 1, treasurer: 2, coins: 3, issuer: 4, operator: 5 } as const

/** Its accounts, by number: Mei's, and that of a friend of the operator. */
export const ACCOUNT = { treasury: 0, budget: 1, expired: 2, mei: 3, friend: 4 } as const

const ofRecord = (record: number, seed: Uint8Array): SigningKey => ({ holder: { record }, seed })

/** Who signs what. */
export const SIGNS = {
  root: ofRecord(RECORD.root, KEYS.root),
  registrar: ofRecord(RECORD.registrar, KEYS.registrar),
  treasurer: ofRecord(RECORD.treasurer, KEYS.treasurer),
  issuer: ofRecord(RECORD.issuer, KEYS.issuer),
  operator: ofRecord(RECORD.operator, KEYS.operator),
  mei: { holder: { account: ACCOUNT.mei }, seed: KEYS.mei },
  /** Another key under the name of the issuer, and of Mei. */
  notIssuer: ofRecord(RECORD.issuer, KEYS.stranger),
  notMei: { holder: { account: ACCOUNT.mei }, seed: KEYS.stranger },
} as const satisfies Readonly<Record<string, SigningKey>>

/** Whom Mei and the auditor trust: the log alone, and the log as the witness has seen it. */
export const LOG_POLICY: Policy = { logs: [{ key: KEYS.logKey }], witnesses: [], groups: [], quorum: 'none' }
export const WITNESSED_POLICY: Policy = {
  ...LOG_POLICY,
  witnesses: [{ name: 'w', key: KEYS.witnessKey }],
  quorum: 'w',
}
