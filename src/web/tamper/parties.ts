import { equalBytes } from '../../core/bytes.ts'
import { CodedError, VerifyError } from '../../core/failure.ts'
import { cosignNote } from '../../core/note/note.ts'
import { openCheckpoint } from '../../core/note/policy.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../core/tree/merkle.ts'
import { Replay } from '../../ledger/index.ts'
import { verifyReceipt } from '../../verify/receipt.ts'
import { verifyStatement } from '../../verify/verify-statement.ts'
import { ACCOUNT, KEYS, LOG_POLICY, WITNESSED_POLICY } from './keys.ts'
import { honest, type Served, serve, type Telling } from './lies.ts'
import { type Edition, linesOf, receiptOf, SALT } from './small-ledger.ts'
import { growthOf, treePath, treeRoot } from './small-tree.ts'
import { NOW_MS } from './story.ts'

/** Who looks, in the order of the page. */
export const PARTIES = ['phone', 'witness', 'auditor', 'receipt', 'friend'] as const
export type Party = (typeof PARTIES)[number]

/** What one of them found: that it fits, or the code and the words of the check that does not. */
export interface PartyFinding {
  readonly party: Party
  readonly holds: boolean
  readonly code?: string
  readonly message?: string
}

/** The entry whose receipt was kept, where the lie is about no one entry. */
const KEPT_RECEIPT = 5

/** The honest log, made once. */
let truth: ReturnType<typeof honest> | undefined

/**
 * What everyone who looks finds in what is served. All of them saw the honest log when it had grown to her sixth entry,
 * and kept its checkpoint; each checks with the code that does it in earnest. Takes some
 * 0.2 s.
 *
 * @returns nothing of anybody, where nothing is answered.
 */
export async function lookAt(telling: Telling): Promise<PartyFinding[]> {
  if (telling.lie === 'silent') return []
  truth ??= honest()
  const { seen, edition } = truth
  const served = serve(telling)
  const kept = openCheckpoint(seen.checkpoint, LOG_POLICY)
  const witness = await found('witness', () => grew(kept, served.edition))
  const isShown = served.mine === served.edition
  const cosigned = witness.holds && isShown
  const entry = telling.lie === 'change' || telling.lie === 'drop' ? telling.entry : KEPT_RECEIPT
  return [
    await found('phone', () => phone(kept, served, cosigned)),
    witness,
    await found('auditor', () => audit(kept, served)),
    await found('receipt', () => compare(edition, served, linesOf(edition.entries, ACCOUNT.mei)[entry - 1]!)),
    await found('friend', () => meet(served)),
  ]
}

async function found(party: Party, look: () => unknown): Promise<PartyFinding> {
  try {
    await look()
    return { party, holds: true }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { party, holds: false, code: error.code, message: error.message }
  }
}

type Kept = ReturnType<typeof openCheckpoint>

/** Mei's phone: her statement, the growth since the checkpoint that it kept, and that a witness has seen it. */
function phone(kept: Kept, { statement, mine }: Served, isCosigned: boolean): void {
  const growth = growthOf(kept.size, mine.entries)
  verifyStatement(statement, { policy: LOG_POLICY, seen: [kept], nowMs: NOW_MS }, growth)
  openCheckpoint(isCosigned ? cosign(mine) : mine.checkpoint, WITNESSED_POLICY)
}

/** The checkpoint with the cosignature of the witness under it. */
function cosign({ checkpoint }: Edition): Uint8Array {
  const text = new TextDecoder().decode(checkpoint)
  const body = text.slice(0, text.lastIndexOf('\n\n') + 1)
  const { name, keyId, bytes } = cosignNote(body, KEYS.witnessKey, KEYS.witness, Math.floor(NOW_MS / 1000))
  return new TextEncoder().encode(`${text}— ${name} ${btoa(String.fromCharCode(...hexBytes(keyId), ...bytes))}\n`)
}

function hexBytes(hex: string): number[] {
  return (hex.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))
}

/** A witness: that the log merely grew out of what it cosigned last. */
function grew(kept: Kept, { entries, checkpoint }: Edition): Kept {
  const now = openCheckpoint(checkpoint, LOG_POLICY)
  verifyConsistency(kept.size, kept.root, now.size, now.root, growthOf(kept.size, entries))
  return now
}

/** An auditor: that the log goes on from the one it audited, and every entry of it by the rules. */
async function audit(kept: Kept, { edition, shown }: Served): Promise<void> {
  const now = openCheckpoint(edition.checkpoint, LOG_POLICY)
  if (now.size < kept.size)
    throw new VerifyError('rolled-back', `the log had ${kept.size} entries, and now has ${now.size}`)
  try {
    grew(kept, edition)
  } catch (error) {
    throw new VerifyError('forked', (error as Error).message)
  }
  const replay = new Replay({
    saltOf: () => SALT,
    entryAt: async index => shown[index]!,
    rootAt: async size => treeRoot(shown.slice(0, size)),
    verifySignatures: true,
  })
  await replay.feed(shown)
  if (!equalBytes(treeRoot(shown), now.root)) throw new VerifyError('log-root', 'the entries are not those signed')
}

/** Anyone who kept a receipt: that its entry is in the log as it is shown now. */
function compare(edition: Edition, served: Served, index: number): void {
  const { entry } = verifyReceipt(receiptOf(edition, index), LOG_POLICY)
  const { size, root } = openCheckpoint(served.edition.checkpoint, LOG_POLICY)
  if (index >= size) throw new VerifyError('inclusion-proof', `entry ${index} is in no log of ${size} entries`)
  const path = treePath(index, served.edition.entries)
  // The one that was kept, and the one that is shown in its place now.
  for (const one of [entry, served.shown[index]!]) verifyInclusion(index, size, leafHash(one), path, root)
}

/** A friend who holds her phone beside Mei's: that both were shown one log. */
function meet({ mine, edition }: Served): void {
  const [a, b] = [mine, edition].map(one => openCheckpoint(one.checkpoint, LOG_POLICY)).sort((x, y) => x.size - y.size)
  const longer = mine.entries.length > edition.entries.length ? mine : edition
  try {
    verifyConsistency(a!.size, a!.root, b!.size, b!.root, growthOf(a!.size, longer.entries))
  } catch (error) {
    throw new VerifyError('forked', (error as Error).message)
  }
}
