import { toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import type { Evaluator } from './evaluator.ts'
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
 */
export function evaluatorOf(digest: Uint8Array): Evaluator | undefined {
  const wanted = toHex(digest)
  return RULES.find(([text]) => toHex(engine().sha256(utf8Encode(text))) === wanted)?.[1]
}
