import { utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { transactionBytes } from '../../core/entry/batch.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { convict } from '../../verify/evidence/convict.ts'
import { type EvidenceFile, parseEvidence } from '../../verify/evidence/evidence-file.ts'
import { verifyRefusal } from '../../verify/refusal.ts'
import type { Trust } from './trust.ts'
import type { Step, Verdict } from './verdict.ts'

/** What a refusal proves. @param bytes - untrusted. @throws CodedError of `verifyRefusal`. */
export function checkRefusal(bytes: Uint8Array, { policy }: Trust): Verdict {
  const { log, size, time, code, transactions } = verifyRefusal(bytes, policy)
  const kinds = transactionBytes(transactions).map(one => decodeTransaction(one).kind)
  const isFalse = code === 'batch-genesis' && size > 0 && !kinds.includes('genesis')
  const held: Step = { name: 'refusal-signed', state: 'held', names: [log.name], count: kinds.length }
  return {
    kind: 'refusal',
    holds: true,
    tone: isFalse ? 'breaks' : 'fits',
    ...(isFalse ? { code } : {}),
    log: log.name,
    logSize: size,
    steps: [held, ...(isFalse ? [{ name: 'refusal-false', state: 'failed' } as const] : [])],
    unchecked: isFalse ? [] : ['reason'],
    signers: 0,
    refusal: { code, timeMs: time, size, kinds, isFalse },
  }
}

/**
 * What evidence proves by itself. A log that the file carries is not replayed here.
 *
 * @param bytes - untrusted. @throws CodedError of `convict`.
 */
export function checkEvidence(bytes: Uint8Array, { policy }: Trust): Verdict {
  const file = fileOf(bytes)
  const { origin, code, facts, shown } = convict(file, policy)
  return {
    kind: 'evidence',
    holds: true,
    tone: 'breaks',
    code,
    log: origin,
    steps: shown.map((said): Step => ({ name: 'shown', state: 'held', said })),
    unchecked: ['finder', 'in-house', 'what-else'],
    signers: 0,
    evidence: {
      code,
      facts: Object.entries(facts).map(([name, value]) => [name, String(value)]),
      finder: [file.url, file.time].filter(one => one !== undefined).join(', ') || undefined,
    },
  }
}

/** The document: the first line, if the log follows it. */
function fileOf(bytes: Uint8Array): EvidenceFile {
  const text = utf8Decode(bytes)
  const end = text.indexOf('\n')
  const first = end < 0 ? text : text.slice(0, end)
  return parseEvidence(isJson(first) ? utf8Encode(first) : bytes)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
