import * as core from '../../src/core/index.ts'
import * as verify from '../../src/verify/index.ts'
import { audited } from './audited.ts'
import { convictedOf } from './convicted.ts'
import type { Fields, Lie, Shown, Trust, Verdict } from './lie.ts'

/** Asks the verifier that a file names. Errors without a code are bugs, and thrown. */
export async function verdictOn({ verifier, shown, trust }: Lie): Promise<Verdict> {
  try {
    return { verdict: 'holds', facts: await VERIFIERS[verifier]!(shown as never, trust as never) }
  } catch (error) {
    if (!(error instanceof core.CodedError)) throw error
    return { verdict: error.code, words: error.message }
  }
}
const { fromBase64, fromHex, utf8Encode } = core
const bytesOf = ({ text, bytes }: Shown) => (text === undefined ? fromBase64(bytes!) : utf8Encode(text))
const policyOf = ({ policy }: Trust) => core.parsePolicy(utf8Encode(policy))
/** The ledger that a receipt of its genesis proves. */
const ledgerOf = (receipt: Uint8Array, policy: core.Policy) => verify.identityFrom(verify.parseReceipt(receipt), policy)
/** A verifier that only reads: bytes have the form that SPEC gives them, or not. */
const reads = (read: (bytes: Uint8Array) => unknown) => (shown: Shown) => read(bytesOf(shown)) as Fields

function statementTrust(trust: Trust): verify.StatementTrust {
  const { card, kept, seen, freshness, nowMs } = trust
  const entries = kept?.entries.map(fromBase64) ?? []
  const records = kept?.records.map(({ leaf, ...record }) => ({ ...record, leaf: fromHex(leaf) })) ?? []
  const before = kept && { links: [], ...kept, ledgerId: fromHex(kept.ledgerId), opening: fromHex(kept.opening) }
  return {
    policy: policyOf(trust),
    ...(card && { card: verify.parseCard(utf8Encode(card)) }),
    ...(before && { kept: { ...before, entries, records } }),
    ...(seen && { seen: seen.map(one => ({ ...one, root: fromBase64(one.root) })) }),
    ...(freshness && { freshness }),
    ...(nowMs && { nowMs }),
  }
}

function said(verified: verify.VerifiedStatement): Fields {
  const { balance, unit, lines, whoMay, book } = verified
  const { owner, custodian, recovery } = whoMay
  const sums = book?.sums.map(sum => ({ ...sum, change: Number(sum.change) }))
  return {
    balance,
    unit,
    lines: lines.length,
    erased: lines.flatMap((line, i) => (line.isErased ? [i + 1] : [])),
    owner: owner && core.toHex(owner.key),
    custodian: custodian?.keys.map(({ record, dueMs }) => ({ record, from: dueMs })) ?? null,
    recovery: recovery && { keys: recovery.keys.length, need: recovery.need, delayMs: recovery.delayMs },
    ...(book && { book: { ...book, sums, terms: book.terms !== null } }),
    signers: lines.map(line => line.signers.map(({ by, record }) => (record === undefined ? by : `${by} ${record}`))),
  }
}

export const VERIFIERS: Readonly<Record<string, (shown: Shown, trust: Trust) => Fields | Promise<Fields>>> = {
  statement: (shown, trust) =>
    said(verify.verifyStatement(bytesOf(shown), statementTrust(trust), shown.growth?.map(fromBase64))),
  pages(shown, trust) {
    const pages = new verify.StatementPages(statementTrust(trust))
    for (const { statement, growth } of verify.pagesIn(bytesOf(shown))) pages.take(statement, growth)
    return said(pages.statement)
  },
  receipt: (shown, trust) => ({ ...verify.verifyReceipt(bytesOf(shown), policyOf(trust)) }),
  refusal: (shown, trust) => ({ ...verify.verifyRefusal(bytesOf(shown), policyOf(trust)) }),
  promise(shown, trust) {
    const promise = verify.decodePromise(bytesOf(shown))
    verify.verifyPromiseUnder(promise, core.logKeysOf(policyOf(trust)))
    return { size: promise.size }
  },
  totals(shown, trust) {
    const opened = verify.parseOpened(core.utf8Decode(bytesOf(shown)))
    const { seal, units } = verify.openTotals(opened, policyOf(trust), trust.nowMs)
    return { seal: seal.epoch, owed: units.map(({ owed }) => String(owed)) }
  },
  ledger: (shown, trust) => ({ ledgerId: core.toHex(ledgerOf(bytesOf(shown), policyOf(trust)).ledgerId) }),
  registry(shown, trust) {
    const { entry, trusted, index } = verify.verifyReceipt(bytesOf(shown), policyOf(trust))
    const rows = shown.rows.map(row => ({ ...row, entry: fromBase64(row.entry) }))
    core.check(entry[0] === 3, 'seal-proof', 'this is no seal')
    verify.verifyRegistry(rows, core.decodeSeal(entry))
    return { records: rows.length, size: index + 1, checkpoint: trusted.size }
  },
  answer(shown, trust) {
    const identity = ledgerOf(utf8Encode(trust.beginning), policyOf(trust))
    const groups = (trust.groups ?? []).map(([first, count]) => ({ first, count }))
    const asked = { identity, transactions: trust.transactions.map(fromBase64), groups, nowMs: trust.nowMs }
    const answer = verify.decodeAnswer(bytesOf(shown))
    return { statuses: [...answer.statuses], unproven: verify.verifyAnswer(answer, asked).unproven }
  },
  checkpoint(shown, trust) {
    const { size, witnesses, isWitnessed } = core.openCheckpoint(bytesOf(shown), policyOf(trust))
    return { size, witnesses: witnesses.map(({ name }) => name), witnessed: isWitnessed }
  },
  note(shown, { keys }) {
    const signed = core.verifyNote(core.parseNote(bytesOf(shown)), keys.map(core.parseVerifierKey))
    return { signers: signed.map(({ key }) => key.name) }
  },
  evidence: async (shown, trust) => ({ code: await convictedOf(bytesOf(shown), policyOf(trust)) }),
  inclusion({ index, leaf, proof }, { size, root }) {
    core.verifyInclusion(index, size, fromBase64(leaf), proof.map(fromBase64), fromBase64(root))
    return {}
  },
  consistency({ proof }, { oldSize, oldRoot, size, root }) {
    core.verifyConsistency(oldSize, fromBase64(oldRoot), size, fromBase64(root), proof.map(fromBase64))
    return {}
  },
  signature({ signature }, { publicKey, message }) {
    const holds = core.verifyEd25519(fromBase64(publicKey), fromBase64(message), fromBase64(signature))
    core.check(holds, 'signature-invalid', 'it does not verify')
    return {}
  },
  policy: shown => ({ quorum: core.parsePolicy(bytesOf(shown)).quorum }),
  card: reads(verify.parseCard),
  batch: reads(core.decodeBatch),
  seal: reads(core.decodeSeal),
  transaction: reads(core.decodeTransaction),
  submission: reads(core.decodeSubmission),
  'add-checkpoint': reads(core.parseAddCheckpoint),
  'tile-path': reads(bytes => core.parseTilePath(core.utf8Decode(bytes))),
  bundle: (shown, { count }) => ({ entries: core.decodeEntryBundle(bytesOf(shown), count).length }),
  log(shown, trust) {
    const note = utf8Encode(shown.checkpoint)
    const [entries, salts] = [shown.entries.map(fromBase64), shown.salts.map(fromBase64)]
    return audited({ note, entries, salts }, core.openCheckpoint(note, policyOf(trust)))
  },
}
