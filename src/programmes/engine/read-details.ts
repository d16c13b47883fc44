import { utf8Decode } from '../../core/bytes.ts'
import { DETAILS_BYTES_MAX } from '../../core/limits.ts'
import { At } from '../document/forms.ts'
import { canonicalText, type Json, parseJson } from '../document/json.ts'
import type { Programme } from '../document/programme.ts'
import { PointerError } from '../failure.ts'

/**
 * Details as they were committed to: canonical, and of this programme. docs/programmes.md §10.
 *
 * @param bytes - untrusted.
 * @throws PointerError `reward-details`; FormatError `utf8`.
 */
export function detailsAt(programme: Programme, bytes: Uint8Array | string): At {
  let value: Json
  try {
    value = parseJson(bytes, DETAILS_BYTES_MAX)
  } catch (error) {
    if (error instanceof PointerError) throw new PointerError('reward-details', error.pointer, error.message)
    throw error
  }
  if (canonicalText(value) !== (typeof bytes === 'string' ? bytes : utf8Decode(bytes)))
    throw new PointerError('reward-details', '', 'not the canonical bytes')
  const at = new At(value, '', 'reward-details')
  const digest = new Map(at.entries()).get('programme')
  if (digest?.value !== programme.digest) throw at.wrong('the details are of another programme')
  return at
}
