import { fromBase64, toBase64, utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { FormatError } from '../../core/failure.ts'
import {
  ACCOUNT_DEPTH,
  ACCOUNTS_MAX,
  BATCH_TRANSACTIONS_MAX,
  DETAILS_BYTES_MAX,
  LOG_PATH_MAX,
  OPENED_BYTES_MAX,
  RECORD_DEPTH,
  RECORDS_MAX,
  RULE_BYTES_MAX,
} from '../../core/limits.ts'
import { NOTE_BYTES_MAX } from '../../core/note/note.ts'
import { BUNDLE_ENTRIES } from '../../core/tree/tile.ts'

/**
 * What anyone who reads an evidence file still needs to be sure: nothing, a replay of the log, or to have been there
 * (SPEC §11).
 */
export type Needs = 'nothing' | 'replay' | 'observer'

/** What shows that a log broke its word, or that something is amiss with it (SPEC §11, "Evidence"). */
export interface EvidenceFile {
  readonly origin: string
  /** Where it was found, and when. The finder's word. */
  readonly url?: string
  readonly time?: string
  readonly code: string
  readonly message: string
  /** The finder's word too: a reader tries for himself. */
  readonly needs: Needs
  readonly evidence: Exhibits
}

/**
 * What an evidence file shows: notes as they are, all other bytes in base64. Which of these there are depends on the
 * code.
 */
export interface Exhibits {
  /** The checkpoint that is at fault, or in which the fault stands. */
  readonly checkpoint?: string
  /** Another one, seen before. */
  readonly earlier?: string
  /** The promise file that was not kept. */
  readonly promise?: string
  /** The refusal file whose reason is false. */
  readonly refusal?: string
  /**
   * The root of as many entries of the larger tree as the smaller one, the promised one or `log` has; and the proof
   * that it is.
   */
  readonly root?: string
  readonly proof?: readonly string[]
  /** Log index of the entry at which a replay stops. */
  readonly at?: number
  /** Entries of the checkpoint's tree, by increasing index. */
  readonly entries?: readonly ShownEntry[]
  /** Records and accounts as the last seal among the entries has them. */
  readonly records?: readonly ShownRecord[]
  readonly accounts?: readonly ShownAccount[]
  /** A statement of an account, and one that it contradicts, of an earlier checkpoint. */
  readonly statement?: string
  readonly earlierStatement?: string
  /** Totals that the log signed for a seal: a line of JSON (SPEC §11), without its newline. */
  readonly opened?: string
  /** What has to be replayed to see it. */
  readonly log?: ShownLog
  /** The salt of the totals of the seal at fault, as the log signed it. */
  readonly salt?: ShownSalt
  /** What the issue at fault, and those it is counted with, commit to. */
  readonly details?: readonly ShownDetails[]
  /** The text of the rule that the issue at fault names, where it is a programme. */
  readonly rule?: string
}

/**
 * The beginning of a log: its first entries, and how many lines after the document have them, 0 where it is left out.
 */
export interface ShownLog {
  readonly entries: number
  readonly bundles: number
}

export interface ShownSalt {
  readonly epoch: number
  readonly salt: string
  /** The log's, of `saltsMessage`. */
  readonly signature: string
}

export interface ShownDetails {
  readonly salt: string
  readonly text: string
}

export interface ShownEntry {
  readonly index: number
  readonly entry: string
  /** Inclusion proof in the tree of the checkpoint. */
  readonly proof: readonly string[]
}

export interface ShownRecord {
  readonly number: number
  readonly entry: string
  readonly from: number
  readonly until: number
  readonly next: number
  readonly path: readonly string[]
}

export interface ShownAccount {
  readonly number: number
  readonly kind: number
  readonly unit: number
  readonly owner: string | null
  readonly opening: string
  readonly status: number
  readonly entries: number
  readonly time: number
  readonly credit: number
  readonly debit: number
  readonly head: string
  readonly more: string
  readonly path: readonly string[]
}

/** The first field of an evidence file. SPEC §11. */
export const EVIDENCE_TAG = 'tallystick/evidence/v1'

/**
 * Bytes of the largest document: a batch of 8,192 transactions and a proof for each. The log after it is counted by
 * the line.
 */
export const EVIDENCE_BYTES_MAX: number = 64 * 1024 * 1024

/** Issues whose details are shown: what one member is given on a day, and more. */
export const SHOWN_DETAILS_MAX = 1024

/** An evidence file as a JSON value, `format` first. What this makes, `parseEvidence` reads. */
export function evidenceJson(file: EvidenceFile): EvidenceFile & { readonly format: typeof EVIDENCE_TAG } {
  return { format: EVIDENCE_TAG, ...file }
}

/**
 * The bytes of an evidence file: JSON. One that carries the log has the document on a line, and the log on those after
 * it.
 */
export function formatEvidence(file: EvidenceFile): Uint8Array {
  const { bundles = 0 } = file.evidence.log ?? {}
  return utf8Encode(`${JSON.stringify(evidenceJson(file), undefined, bundles > 0 ? 0 : 2)}\n`)
}

/**
 * The evidence file that bytes hold, without the log that it may carry on the lines after it. Nothing in it is checked
 * yet but its form.
 *
 * @param bytes - untrusted.
 * @throws FormatError `evidence`, `base64`, `utf8`. SPEC §11.
 */
export function parseEvidence(bytes: Uint8Array): EvidenceFile {
  if (bytes.length > EVIDENCE_BYTES_MAX)
    throw new FormatError('evidence', `an evidence file has at most ${EVIDENCE_BYTES_MAX} bytes`)
  let value: unknown
  try {
    value = JSON.parse(utf8Decode(bytes))
  } catch (error) {
    throw new FormatError('evidence', 'an evidence file is JSON', { cause: error })
  }
  const { format, ...file } = fieldsOf(value, 'an evidence file', FILE)
  if (format !== EVIDENCE_TAG) throw wrong(`the format of an evidence file is "${EVIDENCE_TAG}"`)
  return file as unknown as EvidenceFile
}

/** Checks a value of an untrusted JSON document. @throws FormatError. */
type FieldCheck = (value: unknown, what: string) => void

/** The fields of an object, each with its check; those that may be missing say so. */
type Shape = Readonly<Record<string, { readonly check: FieldCheck; readonly isOptional: boolean }>>

function wrong(what: string): FormatError {
  return new FormatError('evidence', what)
}

function must(check: FieldCheck): Shape[string] {
  return { check, isOptional: false }
}

function may(check: FieldCheck): Shape[string] {
  return { check, isOptional: true }
}

/** An object with exactly the fields of a shape. */
function fieldsOf(value: unknown, what: string, shape: Shape): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${what} is a JSON object`)
  const unknown = Object.keys(value).find(name => !Object.hasOwn(shape, name))
  if (unknown !== undefined) throw wrong(`${what} has no field "${unknown}"`)
  for (const [name, { check, isOptional }] of Object.entries(shape)) {
    const field = (value as Record<string, unknown>)[name]
    if (field === undefined && !isOptional) throw wrong(`${what} has a field "${name}"`)
    if (field !== undefined) check(field, name)
  }
  return value as Record<string, unknown>
}

function text(max: number): FieldCheck {
  return (value, what) => {
    if (typeof value !== 'string' || value.length > max) throw wrong(`"${what}" is a text of at most ${max} characters`)
  }
}

/** A code, as those of §12 are. */
const code: FieldCheck = (value, what) => {
  if (typeof value !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(value))
    throw wrong(`"${what}" is a small letter, and then up to 63 small letters, digits and hyphens`)
}

/** A time of the finder's, which proves nothing, but has its form. */
const rfc3339: FieldCheck = (value, what) => {
  const date = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T/
  const time = /T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/
  if (typeof value !== 'string' || !date.test(value) || !time.test(value) || value.indexOf('T') !== 10)
    throw wrong(`"${what}" is a time as RFC 3339 has it`)
}

function count(max: number): FieldCheck {
  return (value, what) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max)
      throw wrong(`"${what}" is a whole number up to ${max}`)
  }
}

/** Base64 of so many bytes; of any number where none is given. */
function base64(length?: number): FieldCheck {
  return (value, what) => {
    if (typeof value !== 'string') throw wrong(`"${what}" is base64`)
    const bytes = fromBase64(value)
    if (length !== undefined && bytes.length !== length) throw wrong(`"${what}" has ${length} bytes`)
  }
}

function listOf(check: FieldCheck, max: number): FieldCheck {
  return (value, what) => {
    if (!Array.isArray(value) || value.length > max) throw wrong(`"${what}" is a list of at most ${max}`)
    for (const item of value) check(item, what)
  }
}

function object(shape: Shape): FieldCheck {
  return (value, what) => {
    fieldsOf(value, `"${what}"`, shape)
  }
}

const NUMBER = count(Number.MAX_SAFE_INTEGER)
const HASH = base64(32)

const ENTRY: Shape = { index: must(NUMBER), entry: must(base64()), proof: must(listOf(HASH, LOG_PATH_MAX)) }

const RECORD: Shape = {
  number: must(count(RECORDS_MAX - 1)),
  entry: must(base64()),
  from: must(NUMBER),
  until: must(NUMBER),
  next: must(count(RECORDS_MAX - 1)),
  path: must(listOf(HASH, RECORD_DEPTH)),
}

const ACCOUNT: Shape = {
  number: must(count(ACCOUNTS_MAX - 1)),
  kind: must(count(255)),
  unit: must(count(RECORDS_MAX - 1)),
  owner: must((value, what) => value === null || HASH(value, what)),
  opening: must(HASH),
  status: must(count(255)),
  entries: must(NUMBER),
  time: must(NUMBER),
  credit: must(NUMBER),
  debit: must(NUMBER),
  head: must(HASH),
  more: must(HASH),
  path: must(listOf(HASH, ACCOUNT_DEPTH)),
}

const LOG: Shape = { entries: must(NUMBER), bundles: must(NUMBER) }
const SALT: Shape = { epoch: must(NUMBER), salt: must(HASH), signature: must(base64(64)) }
const DETAILS: Shape = { salt: must(HASH), text: must(text(DETAILS_BYTES_MAX)) }

/** All of the lines that it takes, or none of them. */
const checkLog: FieldCheck = (value, what) => {
  const { entries, bundles } = fieldsOf(value, `"${what}"`, LOG) as unknown as ShownLog
  if (entries === 0) throw wrong(`"${what}" is of one entry or more`)
  const all = Math.ceil(entries / BUNDLE_ENTRIES)
  if (bundles !== 0 && bundles !== all) throw wrong(`${entries} entries of a log are ${all} bundles, or left out`)
}

const EXHIBITS: Shape = {
  checkpoint: may(text(NOTE_BYTES_MAX)),
  earlier: may(text(NOTE_BYTES_MAX)),
  promise: may(base64()),
  refusal: may(base64()),
  root: may(HASH),
  proof: may(listOf(HASH, 2 * LOG_PATH_MAX)),
  at: may(NUMBER),
  // A batch with its transactions, and some before it.
  entries: may(listOf(object(ENTRY), BATCH_TRANSACTIONS_MAX + 1024)),
  records: may(listOf(object(RECORD), 64)),
  accounts: may(listOf(object(ACCOUNT), 64)),
  statement: may(base64()),
  earlierStatement: may(base64()),
  opened: may(text(OPENED_BYTES_MAX)),
  log: may(checkLog),
  salt: may(object(SALT)),
  details: may(listOf(object(DETAILS), SHOWN_DETAILS_MAX)),
  rule: may(text(RULE_BYTES_MAX)),
}

const FILE: Shape = {
  format: must(text(64)),
  origin: must(text(1024)),
  url: may(text(4096)),
  time: may(rfc3339),
  code: must(code),
  message: must(text(4096)),
  needs: must((value, what) => {
    if (value !== 'nothing' && value !== 'replay' && value !== 'observer')
      throw wrong(`"${what}" is "nothing", "replay" or "observer"`)
  }),
  evidence: must(object(EXHIBITS)),
}

/** Bytes as an evidence file has them. */
export function shownHashes(hashes: readonly Uint8Array[]): string[] {
  return hashes.map(toBase64)
}
