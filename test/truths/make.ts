import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signerName } from '../../src/client/index.ts'
import { fromHex, toBase64, toHex, utf8Decode } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { useEngine } from '../../src/core/crypto/engine.ts'
import {
  type BatchEntry,
  batchMessage,
  decodeBatch,
  encodeBatch,
  NO_LEDGER_ID,
  RULES_VERSION,
  transactionsFrom,
} from '../../src/core/entry/batch.ts'
import type { Group } from '../../src/core/entry/group.ts'
import { encodeSeal } from '../../src/core/entry/seal.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { ED25519_KEY, formatNote, formatVerifierKey, signNote, verifierKey } from '../../src/core/note/note.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'
import { key, seedOf } from '../ledger/beginning.ts'
import { climb, type Ladder, onLadder } from '../ledger/ladders/ladder.ts'
import { LADDERS } from '../ledger/ladders/ladders.ts'
import { keyOf, leaf, NaiveLedger, type NaiveSigner, statusOf } from '../ledger/naive/index.ts'
import { PLAYS } from '../ledger/plays/plays.ts'
import { Rehearsal, type Told } from '../ledger/rehearsal.ts'
import type { Truth, TruthBatch, TruthRefusal } from './truth.ts'

const FOLDER = import.meta.dirname
const LOG = { origin: 'model', logKey: key(90) }

/** All truths, by the names of their files. */
export function truths(): Map<string, Truth> {
  const files = new Map<string, Truth>()
  const add = (name: string, p: Rehearsal) => files.set(fileName(name), truthOf(name, p.told))
  for (const [name, ladder] of Object.entries(LADDERS)) add(name, climbed(ladder))
  for (const [name, { wanted, begun, tell }] of Object.entries(PLAYS)) {
    const p = new Rehearsal(wanted, begun)
    tell(p)
    add(name, p)
  }
  return files
}

function climbed(ladder: Ladder): Rehearsal {
  const p = onLadder(wanted => new Rehearsal(wanted))
  climb(p, ladder(p))
  return p
}

function fileName(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/g, '-')
}

/** The log of what was told, signed by the one who it says, with a seal after every batch. */
function truthOf(name: string, told: readonly Told[]): Truth {
  const naive = new NaiveLedger()
  const entries: Uint8Array[] = []
  const batches: TruthBatch[] = []
  const refused: TruthRefusal[] = []
  /** Of the last signer of the last batch. */
  let seed: Uint8Array = new Uint8Array(0)
  /** The log that the ledger is in, what it is called there, and was before the last batch. */
  let log = LOG
  let [ledgerId, signedFor]: [Uint8Array, Uint8Array] = [NO_LEDGER_ID, NO_LEDGER_ID]
  naive.rootOfLog = () => naiveRoot(entries)
  for (const { signers, entries: listed, groups, standing, time } of told) {
    const index = entries.length
    const list = standing?.(index, naiveRoot(entries)) ?? listed
    const signatures = signed(naive, ledgerId, signers, list, groups)
    const lastKey = keyOfSigner(naive, signers.at(-1)!, list)
    const outcomes = naive.submit(signers, list, time, groups)
    if (typeof outcomes === 'string')
      refused.push({ size: index, submission: toBase64(encodeSubmission(signatures, list, groups)), code: outcomes })
    if (!Array.isArray(outcomes)) continue
    signedFor = ledgerId
    seed = seedOf(lastKey!)
    const { root, count } = transactionsFrom(list)
    const statuses = Uint8Array.from(outcomes, statusOf)
    entries.push(encodeBatch({ version: RULES_VERSION, time, signatures, groups, count, root, statuses }), ...list)
    if (index === 0) ledgerId = leaf(entries[0]!)
    const turn = outcomes[0] === 'accepted' ? decodeTransaction(list[0]!) : undefined
    if (turn?.kind === 'continue-log') [log, ledgerId] = [turn, leaf(list[0]!)]
    const epoch = batches.length
    const { accounts, records, stateRoot, registryRoot, totalsRoot: totals } = naive.seal()
    const totalsRoot = totals(new Uint8Array(32))
    const roots = {
      stateRoot: fromHex(stateRoot),
      registryRoot: fromHex(registryRoot),
      totalsRoot: fromHex(totalsRoot),
    }
    entries.push(encodeSeal({ version: RULES_VERSION, epoch, time, accounts, records, ...roots }))
    const grouped =
      groups.length === 0 ? {} : { groups: groups.map(({ first, count: many }) => [first, many] as const) }
    batches.push({
      index,
      time,
      signers: signers.map(inWords),
      ...grouped,
      outcomes,
      stateRoot,
      registryRoot,
      totalsRoot,
    })
  }
  const size = entries.length
  refused.push(forged(batches.at(-1)!.index, entries, name.length, seed, signedFor))
  const { origin, logKey } = log
  const signer = verifierKey(origin, ED25519_KEY, logKey)
  const text = formatCheckpoint({ origin, size, root: naiveRoot(entries) })
  const checkpoint = formatNote({ text, signatures: [signNote(text, signer, seedOf(toHex(logKey)))] })
  return {
    format: 'tallystick/lie/v1',
    says: `${name[0]!.toUpperCase()}${name.slice(1)}.`,
    verifier: 'log',
    trust: { policy: `log ${formatVerifierKey(signer)}\nquorum none\n` },
    shown: {
      checkpoint: utf8Decode(checkpoint),
      entries: entries.map(toBase64),
      salts: batches.map(() => toBase64(new Uint8Array(32))),
    },
    expect: 'holds',
    facts: { size, accounts: naive.accounts.length },
    batches,
    refused,
  }
}

/** What is wrong with a signature that is put under the last batch: whose it is, or over what. */
const FORGERIES: readonly ((
  batch: BatchEntry,
  ledgerId: Uint8Array,
) => [seed: Uint8Array | undefined, message: Uint8Array])[] = [
  (batch, ledgerId) => [seedOf(toHex(key(99))), batchMessage(ledgerId, batch.signatures, batch)],
  batch => [undefined, batchMessage(NO_LEDGER_ID, batch.signatures, batch)],
  (batch, ledgerId) => [undefined, batchMessage(ledgerId, batch.signatures.slice(1), batch)],
  (batch, ledgerId) => [
    undefined,
    batchMessage(ledgerId, [...batch.signatures, { class: 1, number: 2 ** 32 - 1 }], batch),
  ],
  (batch, ledgerId) => [undefined, batchMessage(ledgerId, batch.signatures, { ...batch, count: batch.count + 1 })],
  (batch, ledgerId) => [
    undefined,
    batchMessage(
      ledgerId,
      batch.signatures.map(one => ({ ...one, number: one.number + 1 })),
      batch,
    ),
  ],
  // Other groups than were signed: one cut off, or where there is none, one that takes two.
  (batch, ledgerId) => [
    undefined,
    batchMessage(ledgerId, batch.signatures, {
      ...batch,
      groups: batch.groups.length > 0 ? batch.groups.slice(1) : [{ first: 0, count: 2 }],
    }),
  ],
]

/** The batch at a log index, handed in with a last signature that is not its signer's, or not of it. */
function forged(
  index: number,
  entries: readonly Uint8Array[],
  n: number,
  seed: Uint8Array,
  ledgerId: Uint8Array,
): TruthRefusal {
  const batch = decodeBatch(entries[index]!)
  const [other = seed, message] = FORGERIES[n % FORGERIES.length]!(batch, ledgerId)
  const signatures = batch.signatures.with(-1, { ...batch.signatures.at(-1)!, ed25519: signEd25519(other, message) })
  const list = entries.slice(index + 1, index + 1 + batch.count)
  return { size: index, submission: toBase64(encodeSubmission(signatures, list)), code: 'signature-invalid' }
}

function inWords(signer: NaiveSigner): string {
  if ('record' in signer) return `record ${signer.record}`
  return signer.recovery === undefined ? `owner ${signer.account}` : `recovery ${signer.recovery} of ${signer.account}`
}

/** The signatures of a batch by the keys that its signers have; of who has none, by some other. */
function signed(
  naive: NaiveLedger,
  ledgerId: Uint8Array,
  signers: readonly NaiveSigner[],
  list: readonly Uint8Array[],
  groups: readonly Group[],
) {
  const transactions = transactionsFrom(list, groups)
  const names = signers.map(signer => signerName(signer))
  const message = batchMessage(ledgerId, names, transactions)
  return signers.map((signer, i) => {
    const publicKey = keyOfSigner(naive, signer, list) ?? toHex(key(1))
    return { ...names[i]!, ed25519: signEd25519(seedOf(publicKey), message) }
  })
}

function keyOfSigner(naive: NaiveLedger, signer: NaiveSigner, list: readonly Uint8Array[]): string | undefined {
  if ('record' in signer) {
    const first = naive.size === 0 ? decodeTransaction(list[0]!) : undefined
    const root = first?.kind === 'genesis' ? first.roots[signer.record] : undefined
    return root === undefined ? keyOf(naive, signer.record)?.key : toHex(root)
  }
  const account = naive.accounts[signer.account]
  if (signer.recovery === undefined) return account?.owner ?? undefined
  const recovery = account?.recovery?.keys[signer.recovery]
  return recovery && toHex(recovery)
}

/** The text of a file: an entry, a batch a line. */
export function formatTruth({ batches, refused, shown, ...rest }: Truth): string {
  const { entries, ...others } = shown
  const lines = (list: readonly unknown[]) => `[\n${list.map(one => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
  const head = JSON.stringify({ ...rest, shown: { ...others, entries: [] } }, undefined, 2).slice(0, -2)
  const placed = head.replace('"entries": []', () => `"entries": ${lines(entries)}`)
  return `${placed},\n  "batches": ${lines(batches)},\n  "refused": ${lines(refused)}\n}\n`
}

export const fileOf = (name: string): string => join(FOLDER, `${name}.json`)

/** Names of the files that there are. */
export async function filesThere(): Promise<string[]> {
  const files = await readdir(FOLDER)
  return files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length))
}

/** Truths as the files have them. */
export async function readTruths(): Promise<Map<string, Truth>> {
  const files = new Map<string, Truth>()
  for (const name of await filesThere()) files.set(name, JSON.parse(await readFile(fileOf(name), 'utf8')) as Truth)
  return files
}

if (process.argv[1] === import.meta.filename) {
  useEngine(await loadEngine('native'))
  const made = truths()
  for (const name of await filesThere()) if (!made.has(name)) await rm(fileOf(name))
  for (const [name, truth] of made) await writeFile(fileOf(name), formatTruth(truth))
  console.log(`Wrote ${made.size} truths.`)
}
