import { fromBase64, toHex, utf8Decode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { FormatError, VerifyError } from '../../core/failure.ts'
import { parsePolicy } from '../../core/note/policy.ts'
import { type RegistryRow, verifyRegistry } from '../../verify/registry.ts'
import { openSealed, parseSealed } from '../../verify/sealed-checkpoint.ts'
import type { Ask } from '../shell/ask.ts'

/** A rule that a ledger published: proven to be in its log. */
export interface PublishedRule {
  readonly name: string
  /** SHA-256 of its text, in hex. */
  readonly digest: string
  /** Its record, and the index of the entry that made it; until when it stands, by log index, 0 for now. */
  readonly record: number
  readonly from: number
  readonly until: number
}

/** The rules of a ledger, as of one seal. */
export interface PublishedRules {
  readonly origin: string
  readonly size: number
  readonly rules: readonly PublishedRule[]
}

interface ListedRow {
  readonly number: number
  readonly entry: string
  readonly from: number
  readonly until: number
}

/**
 * The rules that a ledger published, all of them: its registry is held to the root that its latest seal commits to.
 *
 * @returns undefined where the ledger has signed nothing yet.
 * @throws CodedError of the check that fails; what `ask` throws.
 */
export async function publishedRules(ask: Ask): Promise<PublishedRules | undefined> {
  const [policy, line] = await Promise.all([ask('/policy'), ask('/seal')])
  if (policy === undefined || line === undefined) return undefined
  const { checkpoint, seal } = openSealed(parseSealed(utf8Decode(line).trimEnd()), parsePolicy(policy))
  const rows: RegistryRow[] = []
  while (rows.length < seal.records) {
    const page = await ask(`/v1/registry?after=${rows.length - 1}&size=${checkpoint.size}`)
    const listed = page === undefined ? [] : rowsOf(page)
    if (listed.length === 0) break
    rows.push(...listed.map(({ entry, from, until }) => ({ entry: fromBase64(entry), from, until })))
  }
  verifyRegistry(rows, seal)
  const rules = rows.flatMap(({ entry, from, until }, record): PublishedRule[] => {
    const transaction = decodeTransaction(entry)
    if (transaction.kind !== 'publish-rule') return []
    return [{ name: transaction.name, digest: toHex(transaction.digest), record, from, until }]
  })
  return { origin: checkpoint.origin, size: checkpoint.size, rules }
}

function rowsOf(page: Uint8Array): readonly ListedRow[] {
  const { records } = JSON.parse(utf8Decode(page)) as { records?: unknown }
  if (!Array.isArray(records)) throw new FormatError('json', 'a page of the registry is a list of records')
  return records as ListedRow[]
}

/** The text of a rule, held to its digest; undefined where the ledger keeps none. @throws VerifyError `rule-text`. */
export async function textOf({ digest }: PublishedRule, ask: Ask): Promise<Uint8Array | undefined> {
  const text = await ask(`/v1/rules/${digest}`)
  if (text !== undefined && toHex(engine().sha256(text)) !== digest)
    throw new VerifyError('rule-text', 'the text that the ledger serves is not the one whose digest is in its log')
  return text
}
