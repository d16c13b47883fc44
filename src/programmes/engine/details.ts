import { utf8Encode } from '../../core/bytes.ts'
import { assert } from '../../core/failure.ts'
import { DETAILS_BYTES_MAX } from '../../core/limits.ts'
import type { JsonObject } from '../document/json.ts'
import type { Programme } from '../document/programme.ts'
import { eventInDetails } from '../events/event.ts'
import type { Back, Issue, TakenEvent } from './evaluate.ts'

/**
 * What an issue commits to: from it and the document alone the reward can be computed again. docs/programmes.md §10.
 *
 * @returns canonical text of at most `DETAILS_BYTES_MAX` bytes.
 */
export function issueDetails({ digest }: Programme, { event, n }: TakenEvent, issue: Issue): string {
  const { rule, due, cuts, before } = issue
  const cites = rule.cites === undefined ? {} : { cites: event.data[rule.cites]! }
  const cut = cuts.length === 0 ? {} : { cuts: cutsInDetails(issue) }
  return fitting({ before, ...cites, ...cut, due, event: eventInDetails(event), n, programme: digest, rule: rule.id })
}

/** What a reversal commits to. docs/programmes.md §10. */
export function backDetails(
  { digest }: Programme,
  { event, n }: TakenEvent,
  { rule, due, before, original }: Back,
): string {
  return fitting({ before, due, event: eventInDetails(event), n, programme: digest, reverses: original, rule: rule.id })
}

/** What is answered, signed, for an event that earned nothing. docs/programmes.md §10. */
export function nothingDetails({ digest }: Programme, { event, n, nothing }: TakenEvent): string {
  const reasons = nothing.map(({ rule, reverses, why, before, cuts }): JsonObject => {
    const caps = before === undefined || cuts === undefined ? {} : { before, cuts: cutsInDetails({ cuts }) }
    return { ...caps, ...(rule === undefined ? {} : { rule }), ...(reverses === undefined ? {} : { reverses }), why }
  })
  return fitting({ event: eventInDetails(event), n, nothing: reasons, programme: digest })
}

/** All details of an event: of its issues and reversals, or the answer that it earned nothing. */
export function detailsOf(programme: Programme, found: TakenEvent): string[] {
  const details = [
    ...found.issues.map(issue => issueDetails(programme, found, issue)),
    ...found.backs.map(back => backDetails(programme, found, back)),
  ]
  return details.length > 0 ? details : [nothingDetails(programme, found)]
}

function cutsInDetails({ cuts }: { readonly cuts: Issue['cuts'] }): readonly JsonObject[] {
  return cuts.map(({ cap, cut }) => ({ cap, cut }))
}

/**
 * The canonical text of details whose names stand in their order at every depth: above, in events (`eventFrom`) and in
 * what a rule read. Names are none that ECMAScript would put elsewhere, so its own writer says what `canonicalText`
 * says.
 */
function fitting(details: JsonObject): string {
  const text = JSON.stringify(details)
  // Events are bounded, and what stands beside them is, too: at most 48 caps by names of at most 200 bytes.
  assert(text.length <= DETAILS_BYTES_MAX / 3 || utf8Encode(text).length <= DETAILS_BYTES_MAX, 'details fit')
  return text
}
