import { toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { FormatError } from '../core/failure.ts'
import { parseProgramme } from './document/parse.ts'
import type { Evaluator } from './evaluator.ts'
import { programmeEvaluator } from './programme-evaluator.ts'
import { TAOBAO_RULE_TEXT, taobaoEvaluator } from './templates/behaviour.ts'
import { RETAIL_RULE_TEXT, retailEvaluator } from './templates/invoices.ts'

const RULES: readonly (readonly [text: string, evaluator: Evaluator])[] = [
  [TAOBAO_RULE_TEXT, taobaoEvaluator],
  [RETAIL_RULE_TEXT, retailEvaluator],
]

/**
 * The evaluator of the rule whose text has that digest; undefined where no rule known here has. By its text and not by
 * its name: a name can be given to any text.
 *
 * @param digest - SHA-256 of a text, as `publish-rule` has it (SPEC §5).
 * @param text - untrusted: the text of that digest, where it is at hand. A programme is applied by what it says.
 */
export function evaluatorOf(digest: Uint8Array, text?: string): Evaluator | undefined {
  const known = knownRule(digest)
  if (known !== undefined || text === undefined) return known
  try {
    return programmeEvaluator(parseProgramme(text))
  } catch (error) {
    // A rule can be any text: one that is no programme cannot be applied here.
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** Whether a rule is one that is known here without its text. */
export function isKnownRule(digest: Uint8Array): boolean {
  return knownRule(digest) !== undefined
}

function knownRule(digest: Uint8Array): Evaluator | undefined {
  const wanted = toHex(digest)
  return RULES.find(([text]) => toHex(engine().sha256(utf8Encode(text))) === wanted)?.[1]
}
