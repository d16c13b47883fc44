import { accountRoot } from '../../src/core/account.ts'
import { formatCheckpoint } from '../../src/core/checkpoint.ts'
import { ACCOUNT_DEPTH } from '../../src/core/limits.ts'
import { formatNote, signNote, type VerifierKey } from '../../src/core/note.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../src/core/seal.ts'
import { rootFromListPath } from '../../src/core/ssz.ts'
import { decodeStatement, encodeStatement, type Statement } from '../../src/core/statement.ts'
import { naivePath, naiveRoot } from './naive-tree.ts'

/** What a lying operator has: the log's key, and all entries. */
export interface Operator {
  readonly key: VerifierKey
  readonly seed: Uint8Array
  /** The entries of the log up to the checkpoint, its last seal included. */
  readonly entries: readonly Uint8Array[]
}

export type Change = (statement: Statement) => Partial<Statement>

/** A statement with parts of it changed and nothing else: paths, seal and checkpoint stay as they were. */
export function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const statement = decodeStatement(bytes)
  return encodeStatement({ ...statement, ...change(statement) })
}

/**
 * A statement as an operator would forge it: parts are changed, and then the account's root, the seal, the log's tree,
 * every path in it and the checkpoint's signature are made anew, so that all of it fits. `entries` changes the log first;
 * `seal` the seal last.
 */
export function forged(
  operator: Operator,
  bytes: Uint8Array,
  change: Change,
  more: { seal?: (seal: Seal) => Partial<Seal>; entries?: (entries: Uint8Array[]) => Uint8Array[] } = {},
): Uint8Array {
  const before = decodeStatement(bytes)
  const statement = { ...before, ...change(before) }
  const old = decodeSeal(before.seal.entry)
  const { number } = statement.account
  const root = accountRoot(statement.account)
  const stateRoot = rootFromListPath(root, number, statement.accountPath, ACCOUNT_DEPTH, old.accounts, 'forge')
  const honest = { ...old, stateRoot }
  const entry = encodeSeal({ ...honest, ...more.seal?.(honest) })
  const below = operator.entries.slice(0, -1)
  const entries = [...(more.entries?.(below) ?? below), entry]
  const size = entries.length
  const text = formatCheckpoint({ origin: operator.key.name, size, root: naiveRoot(entries) })
  return encodeStatement({
    ...statement,
    checkpoint: formatNote({ text, signatures: [signNote(text, operator.key, operator.seed)] }),
    genesis: { leaf: statement.genesis.leaf, path: naivePath(0, entries) },
    seal: { entry, path: naivePath(size - 1, entries) },
    lines: statement.lines.map(line =>
      line.evidence === null
        ? line
        : { ...line, evidence: { ...line.evidence, logPath: naivePath(line.evidence.index, entries) } },
    ),
  })
}
