/** Every bound of the formats, by name. SPEC §13 lists them with their reasons; a test keeps the two the same. */

/** Bytes of an entry, type byte included: the length prefix of an entry bundle is 16 bits (C2SP tlog-tiles). */
export const ENTRY_BYTES_MAX = 65_535

/** Bytes of a transaction entry: far above the largest kind, so that a batch has a bound. */
export const TRANSACTION_BYTES_MAX = 4_096

/** Transactions in a batch: the statuses and a group of batches stay small, and one signature is spread far enough. */
export const BATCH_TRANSACTIONS_MAX = 8_192

/** Depth of a batch root's tree: log2 of `BATCH_TRANSACTIONS_MAX`. */
export const BATCH_DEPTH = 13

/** Signatures on a batch: enough for any k of n that people would gather. */
export const BATCH_SIGNATURES_MAX = 8

/** Amounts, running totals and caps: the largest integer that every language's double holds exactly. */
export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER

/** Times in milliseconds: the 48 bits that a UUIDv7 has for them. */
export const TIME_MS_MAX = 2 ** 48 - 1

/** Accounts of a ledger, and the depth of their tree. */
export const ACCOUNTS_MAX = 2 ** 32
export const ACCOUNT_DEPTH = 32

/** Records of the registry, and the depth of their tree. */
export const RECORDS_MAX = 2 ** 16
export const RECORD_DEPTH = 16

/** Units of a ledger, and the depth of the totals' tree. */
export const UNITS_MAX = 256
export const UNIT_DEPTH = 8

/** Accounts in the scope of an issuer or a merchant. */
export const SCOPE_MAX = 16

/** Lots of different dates in an account, those held among them, and the depth of their tree. */
export const LOTS_MAX = 256
export const LOT_DEPTH = 8

/** Holds of an account, and the depth of their tree. */
export const HOLDS_MAX = 16
export const HOLD_DEPTH = 4

/** Consents of an account that stand, and the depth of their tree. */
export const GRANTS_MAX = 32
export const GRANT_DEPTH = 5

/** Keys that can recover an account. */
export const RECOVERY_KEYS_MAX = 4

/** Root keys that can be asked to sign together. */
export const ROOTS_MAX = 4

/** Whole hours since 1970, in which lots have their dates. */
export const HOURS_MAX = 2 ** 32 - 1

/** Bytes of the text behind a commitment, kept off the log. */
export const DETAILS_BYTES_MAX = 16_384

/** Bytes of an origin. */
export const ORIGIN_BYTES_MAX = 255

/** Bytes of a submitted batch, in either encoding: the largest batch of ordinary transactions as base64, twice. */
export const SUBMISSION_BYTES_MAX = 4 * 1024 * 1024

/** Bytes of a statement that a verifier reads. */
export const STATEMENT_BYTES_MAX = 64 * 1024 * 1024

/** Hashes of an inclusion proof: one per level of a tree of 2^53 - 1 leaves fits, with room. */
export const LOG_PATH_MAX = 64

/** Milliseconds from one seal to the next that count as running time of a ledger: in what is beyond it was down. */
export const BEAT_MS = 3_600_000

/** Milliseconds of running time after which what is due, and not written down, is overdue. */
export const OVERDUE_MS = 86_400_000

/** Seconds between `iat` and `exp` of a caller's token. */
export const TOKEN_SECONDS_MAX = 300
