import { brokenWord } from '../src/core/broken-word.ts'
import { convict } from '../src/core/convict.ts'
import { parseEvidence } from '../src/core/evidence-file.ts'
import type { Policy } from '../src/core/policy.ts'

/** What an evidence file proves: in facts, step by step, and in words for those whom it concerns. */
export interface ProvenEvidence {
  readonly what: 'evidence'
  readonly code: string
  readonly facts: Readonly<Record<string, string | number>>
  readonly checked: readonly string[]
  readonly unchecked: readonly string[]
  /** Which promise the operator broke, and what that means. */
  readonly broken: string
  readonly means: string
}

/**
 * Checks that an evidence file convicts the operator of a log of the policy.
 *
 * @param bytes - untrusted.
 * @throws FormatError `evidence`; VerifyError `needs-replay`, `needs-observer`, `not-proven`, and others of `convict`.
 */
export function findEvidence(bytes: Uint8Array, policy: Policy): ProvenEvidence {
  const file = parseEvidence(bytes)
  const { code, facts, shown } = convict(file, policy)
  const { promise, means } = brokenWord(code)!
  return {
    what: 'evidence',
    code,
    facts: { ...facts, code },
    checked: shown,
    unchecked: [
      ...(file.url === undefined && file.time === undefined
        ? []
        : [
            `where and when it was found (${[file.url, file.time].filter(Boolean).join(', ')}): that is its finder's word`,
          ]),
      'who in the operator’s house did it: it was signed with the log’s key, and that is all that signatures say',
      'what else may be wrong with the log: an audit of all of it ends at the first fault',
    ],
    broken: promise,
    means,
  }
}
