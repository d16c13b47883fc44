import type { Step, StepName } from './verdict.ts'

/**
 * The steps of each check, in the order in which the verifier makes them, and the codes that each can end in (SPEC §9
 * to §11). A code that several steps can end in stands at the first of them, so that nothing is said to have held that
 * was not reached.
 */
const STEPS: Readonly<Record<string, readonly (readonly [StepName, ...string[]])[]>> = {
  statement: [
    ['signed', 'unknown-log', 'log-signature'],
    ['cosigned', 'quorum'],
    ['seal', 'genesis-proof', 'log-identity', 'seal-proof'],
    ['age', 'stale', 'clock-ahead'],
    ['card', 'wrong-ledger', 'wrong-account', 'wrong-opening'],
    ['sealed-account', 'account-proof'],
    ['count', 'line-kind', 'kept-state', 'continued-dropped', 'line-count', 'pages-missing'],
    [
      'registry',
      ...['batch-proof', 'evidence-order', 'record-proof', 'record-status', 'record-signature', 'record-missing'],
      ...['after-end', 'record-changed', 'evidence-proof', 'evidence-status', 'line-late'],
    ],
    ['balance', 'evidence-missing', 'line-repeated', 'line-rule', 'totals', 'holdings'],
    ['order', 'head'],
    ['signers', 'evidence-signature', 'line-time'],
    ['owner', 'wrong-owner'],
  ],
  receipt: [
    ['signed', 'unknown-log', 'log-signature'],
    ['cosigned', 'quorum'],
    ['in-log', 'inclusion-proof'],
    ['outcome', 'evidence-proof'],
  ],
  checkpoint: [
    ['signed', 'unknown-log', 'log-signature', 'note-signature'],
    ['cosigned', 'quorum'],
  ],
  promise: [
    ['promise-signed', 'promise-signature'],
    ['promise-tree', 'inclusion-proof'],
    ['promise-batch', 'promise-transactions'],
  ],
  refusal: [['refusal-signed', 'refusal-signature']],
  totals: [
    ['signed', 'unknown-log', 'log-signature'],
    ['cosigned', 'quorum'],
    ['seal', 'seal-proof'],
    ['totals-signed', 'totals-signature'],
    ['totals-seal', 'totals-false'],
    ['age', 'clock-ahead'],
  ],
  evidence: [],
}

/**
 * What is known of each step where the check ended in a code: those before it held, those behind it were not reached.
 *
 * @param left - steps that this check does not make, such as those of a card that is not there.
 * @param said - the verifier's own sentence.
 */
export function stepsUpTo(kind: string, code: string, said: string, left: readonly StepName[]): Step[] {
  const steps = (STEPS[kind] ?? []).filter(([name]) => !left.includes(name))
  const at = steps.findIndex(([, ...codes]) => codes.includes(code))
  const failed: Step = { name: at < 0 ? 'form' : steps[at]![0], state: 'failed', said }
  if (at < 0) return [failed, ...steps.map(([name]): Step => ({ name, state: 'not-reached' }))]
  return steps.map(([name], i) =>
    i < at ? { name, state: 'held' } : i === at ? failed : { name, state: 'not-reached' },
  )
}
