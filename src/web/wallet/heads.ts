import { ClientError } from '../../client/failure.ts'
import { beginningOf, type TileSource, tilesOf } from '../../client/tiles.ts'
import { equalBytes, toBase64, utf8Decode } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import { type Policy, parsePolicy } from '../../core/note/policy.ts'
import { openSigned, type SignedNote } from '../../core/note/signed.ts'
import { formatTilePath } from '../../core/tree/tile.ts'
import { formatEvidence } from '../../verify/evidence/evidence-file.ts'
import { evidenceOf } from '../../verify/evidence/make-evidence.ts'
import { kindOf } from '../../verify/file-kind.ts'
import { pagesIn } from '../../verify/page.ts'
import { decodeStatement } from '../../verify/statement.ts'
import { Device } from './device.ts'
import type { HeadFinding, HeadRelation, KeptHead } from './head-finding.ts'

/** The hash tiles of the server that the page came from. */
export const tilesHere: TileSource = tilesOf({
  async tile(address) {
    const path = `/${formatTilePath(address)}`
    const answer = await fetch(path).catch(() => {
      throw new ClientError('unreachable', `${path} is not answered`, 0)
    })
    if (!answer.ok) throw new ClientError('http', `${path} is answered ${answer.status}`, answer.status)
    return new Uint8Array(await answer.arrayBuffer())
  },
})

/**
 * What two checkpoints that one log signed are to each other: by the tiles of the larger, of which none is believed.
 *
 * @throws CodedError where one of them is not signed by a log of the policy, or they are of two logs.
 */
export async function relationOf(
  policy: Policy,
  [one, other]: readonly [Uint8Array, Uint8Array],
  tileAt: TileSource,
): Promise<HeadRelation> {
  const [mine, theirs] = [openSigned(one, policy), openSigned(other, policy)]
  if (mine.origin !== theirs.origin)
    throw new ClientError('unknown-log', `one is of "${mine.origin}", and the other of "${theirs.origin}"`, 0)
  const [smaller, larger] = mine.size <= theirs.size ? [mine, theirs] : [theirs, mine]
  try {
    const { root, proof } = await beginningOf(smaller.size, larger, tileAt)
    if (equalBytes(root, smaller.root))
      return { is: smaller.size === larger.size ? 'same' : smaller === mine ? 'grown' : 'older' }
    const message = `the log signed two checkpoints, of ${smaller.size} and ${larger.size} entries, with no common history`
    return apart('forked', message, [smaller, larger], { root: toBase64(root), proof: proof.map(toBase64) })
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const message = `nothing shows that the one grew out of the other: ${error.message}`
    return apart('consistency-proof', message, [smaller, larger], {})
  }

  function apart(
    code: 'forked' | 'consistency-proof',
    message: string,
    [earlier, later]: readonly [SignedNote, SignedNote],
    shown: { readonly root?: string; readonly proof?: readonly string[] },
  ): HeadRelation {
    const evidence = { checkpoint: utf8Decode(later.note), earlier: utf8Decode(earlier.note), ...shown }
    const time = new Date().toISOString()
    const file = evidenceOf({ origin: later.origin, time, code, message, evidence }, policy)
    return { is: code === 'forked' ? 'apart' : 'unshown', evidence: formatEvidence(file), message }
  }
}

/**
 * Accepts a checkpoint as the latest of its log, where it grew out of the one that was accepted before: that stays,
 * where it did not, or where nobody shows it.
 *
 * @param note - of a statement that holds.
 * @param options - `isKept`: whether it is accepted, and not only compared.
 * @throws CodedError where no log of the policy signed it.
 */
export function acceptHead(
  device: Device,
  policy: Policy,
  note: Uint8Array,
  { tileAt = tilesHere, isKept = true }: { readonly tileAt?: TileSource; readonly isKept?: boolean } = {},
): Promise<HeadFinding> {
  return alone(async (): Promise<HeadFinding> => {
    const signed = openSigned(note, policy)
    const { origin, size } = signed
    const before = await device.get<KeptHead>('heads', origin)
    const keep = async () => {
      const head: KeptHead = { note: signed.note, size, seenMs: Date.now() }
      if (isKept) await device.put('heads', origin, head)
    }
    if (before === undefined) {
      await keep()
      return { is: 'first' }
    }
    const relation = await relationOf(policy, [before.note, signed.note], tileAt)
    if (relation.is === 'grown') await keep()
    if (relation.is === 'same' || relation.is === 'grown') return { is: relation.is, before }
    if (relation.is === 'apart' || relation.is === 'unshown')
      return { ...relation, is: size < before.size ? 'back' : relation.is, before, size }
    const message = `the ledger shows ${size} entries, and had signed ${before.size} before`
    return { is: 'back', before, size, message, evidence: backFile(policy, signed, before, message) }
  })
}

/** As `acceptHead`, of a statement that holds, or of the pages of one. */
export function acceptHeadOf(policy: Uint8Array, statement: Uint8Array): Promise<HeadFinding> {
  const pages = kindOf(statement) === 'pages' ? [...pagesIn(statement)] : []
  const { checkpoint } = decodeStatement(pages.at(-1)?.statement ?? statement)
  return acceptHead(new Device(), parsePolicy(policy), checkpoint)
}

/** What the checkpoint of a statement that does not hold is to the one accepted before: it is not accepted. */
export function comparedHead(device: Device, policy: Policy, statement: Uint8Array): Promise<HeadFinding> {
  return acceptHead(device, policy, decodeStatement(statement).checkpoint, { isKept: false })
}

function backFile(policy: Policy, now: SignedNote, before: KeptHead, message: string): Uint8Array {
  const evidence = { checkpoint: utf8Decode(now.note), earlier: utf8Decode(before.note) }
  const file = { origin: now.origin, time: new Date().toISOString(), code: 'consistency-proof', message, evidence }
  return formatEvidence(evidenceOf(file, policy))
}

/** One after another in all windows of this browser: of two, none puts a smaller one in the place of a larger. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  return typeof navigator !== 'undefined' && 'locks' in navigator
    ? (navigator.locks.request('tallystick-heads', work) as Promise<T>)
    : work()
}
