/** Every bound of the formats, by name. SPEC §13 lists them with their reasons; a test keeps the two the same. */

/** Bytes of an entry, type byte included: the length prefix of an entry bundle is 16 bits (C2SP tlog-tiles). */
export const ENTRY_BYTES_MAX = 65_535

/** Bytes of a transaction entry: far above the largest kind, so that a batch has a bound. */
export const TRANSACTION_BYTES_MAX = 24_576

/** Transactions in a batch: the statuses and a group of batches stay small, and one signature is spread far enough. */
export const BATCH_TRANSACTIONS_MAX = 8_192

/** Depth of a batch root's tree: log2 of `BATCH_TRANSACTIONS_MAX`. */
export const BATCH_DEPTH = 13

/** Groups of a batch, and transactions in one: what has to be put back where one of them is refused has a bound. */
export const GROUPS_MAX = 64
export const GROUP_TRANSACTIONS_MAX = 64

/** Signatures on a batch: enough for any k of n that people would gather. */
export const BATCH_SIGNATURES_MAX = 16

/** Amounts, balances and caps: the largest integer that every language's double holds exactly. */
export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER

/** Times in milliseconds: the 48 bits that a UUIDv7 has for them. */
export const TIME_MS_MAX = 2 ** 48 - 1

/** Accounts of a ledger, and the depth of their tree. */
export const ACCOUNTS_MAX = 2 ** 32
export const ACCOUNT_DEPTH = 32

/** Records of the registry, and the depth of their tree. */
export const RECORDS_MAX = 2 ** 20
export const RECORD_DEPTH = 20

/** Units of a ledger, and the depth of the totals' tree. */
export const UNITS_MAX = 256
export const UNIT_DEPTH = 8

/** Accounts in the scope of an issuer or a merchant. */
export const SCOPE_MAX = 16

/** Budgets under whose terms another one gives. */
export const POOLS_MAX = 4

/** Budgets that may name one rule. */
export const RULE_BUDGETS_MAX = 64

/** Lots of an account and parts of its holds, counted together, and the depth of a list of two numbers for each. */
export const LOTS_MAX = 1024
export const LOT_DEPTH = 11

/** As many of them as points that arrive may make: what is above is room for holds, which split lots. */
export const LOTS_ROOM = 992

/** Parts of a merge: all lots that an account can have, and the points without dates. */
export const MERGE_PARTS_MAX = 1025

/** Lots of an account that have to ripen: nobody can spend these, so they leave room for others. SPEC §13. */
export const PENDING_LOTS_MAX = 496

/** How far ahead of a transaction's own time points may ripen, and what is reinstated may expire. SPEC §13. */
export const AHEAD_MS_MAX = 63_158_400_000

/** Holds of an account, and the depth of their tree. */
export const HOLDS_MAX = 16
export const HOLD_DEPTH = 4

/** Consents of an account that stand, and the depth of their tree. */
export const GRANTS_MAX = 32
export const GRANT_DEPTH = 5

/** Bytes of a member reference: half an HMAC-SHA256, which nobody makes twice by chance among 2^32 accounts. */
export const REF_BYTES = 16

/** Claims of a series, and the depth of their tree. */
export const SERIES_MAX: number = 2 ** 32
export const SERIES_DEPTH = 32

/** Tiers of a rule, statuses of an account that stand, and the depth of their tree. */
export const TIER_MAX = 255
export const STATUSES_MAX = 8
export const STATUS_DEPTH = 3

/** Takes of lots that stand in an account, and the depth of their tree. */
export const TAKES_MAX = 64
export const TAKE_DEPTH = 6

/** Keys that can recover an account. */
export const RECOVERY_KEYS_MAX = 4

/** Root keys that a genesis names. */
export const ROOTS_MAX = 4

/** Quarter hours since 1970, in which lots have their dates. */
export const QUARTERS_MAX = 2 ** 32 - 1

/** Quarter hours of a day: the grain of a unit's dates divides them. */
export const DAY_QUARTERS = 96

/** Offset of a unit's days from UTC in quarter hours, plus 56: from 14 hours behind to 14 hours before. */
export const OFFSET_MAX = 112

/** How far a transaction's time may stand from ledger time, in ms: a genesis chooses between a second and an hour. */
export const SKEW_MS_MIN = 1_000
export const SKEW_MS_MAX = 3_600_000

/** Longest time between two seals, in ms: a genesis chooses between a minute and an hour. */
export const BEAT_MS_MIN = 60_000
export const BEAT_MS_MAX = 3_600_000

/** How soon what is acknowledged is in a checkpoint, in ms: a genesis chooses between a second and a day. */
export const PROMISE_MS_MIN = 1_000
export const PROMISE_MS_MAX = 86_400_000

/** Longest hold of a unit whose movements cannot be reversed, in ms: a year. Elsewhere a hold is within the window. */
export const HOLD_MS_MAX = 31_536_000_000

/** Shortest time in public before a custodian's successor whom root alone registered may act, in ms: a week. */
export const TAKEOVER_MS_MIN = 604_800_000

/** How long a recovery that is due can be finished, in ms: 30 days. */
export const RECOVERY_MS = 2_592_000_000

/** Bytes of the text under a commitment, kept off the log. */
export const DETAILS_BYTES_MAX = 16_384

/** Bytes of an origin. */
export const ORIGIN_BYTES_MAX = 255

/** Bytes of a submitted batch, in either encoding: the largest batch of ordinary transactions as base64, twice. */
export const SUBMISSION_BYTES_MAX = 4 * 1024 * 1024

/** Bytes of the text of a published rule. */
export const RULE_BYTES_MAX = 65_536

/** Bytes of a body above which a server asks for a token before it reads it. */
export const UNSIGNED_BODY_BYTES_MAX = 64 * 1024

/** Bytes of bodies that a server has begun to read, of all callers at once. */
export const OPEN_BODY_BYTES_MAX = 64 * 1024 * 1024

/** The same of one address, of bodies that come without a token. */
export const OPEN_BODY_BYTES_EACH = 16 * 1024 * 1024

/** Bytes of a statement that a verifier reads. */
export const STATEMENT_BYTES_MAX = 64 * 1024 * 1024

/** Lines of a page of a statement: as many as a batch may have, which is one link of an account. */
export const PAGE_LINES_MAX = 8192

/** Hashes of an inclusion proof: one per level of a tree of 2^53 - 1 leaves fits, with room. */
export const LOG_PATH_MAX = 64

/** Opened totals in a file of them: a month of days. */
export const OPENED_LINES = 32

/** Bytes of the longest line of opened totals: 256 units of five sums, and a checkpoint with its seal. */
export const OPENED_BYTES_MAX = 131_072

/** Milliseconds of running time after which what is due, and not written down, is overdue. */
export const OVERDUE_MS = 86_400_000

/** Seconds between `iat` and `exp` of a caller's token. */
export const TOKEN_SECONDS_MAX = 300

/** Milliseconds by which ledger time may differ from others' clocks before that is said. */
export const TIME_OFF_MS = 600_000

/** Lines in a file of the archive of checkpoints, but for the last: a day of one each ten minutes. */
export const ARCHIVE_LINES = 144

/** Milliseconds between two checkpoints in the archive, at least. */
export const ARCHIVE_MS = 600_000

/** Bytes of such a line: a seal, a path, and a note with a hundred cosignatures. */
export const SEALED_BYTES_MAX = 32_768

/** The minute of ledger time in which transactions of one signer are counted, in ms. SPEC §7, Rates. */
export const RATE_MINUTE_MS = 60_000

/** Transactions a minute that are taken from one key of a member, in a unit that does not say otherwise when made. */
export const MEMBER_RATE = 60
