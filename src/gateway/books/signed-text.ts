import { publicKeyOf, type SigningKey } from '../../client/index.ts'
import { utf8Decode } from '../../core/bytes.ts'
import {
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  signNote,
  type VerifierKey,
  verifierKey,
} from '../../core/note/note.ts'
import type { Shop } from '../../files/shop-file.ts'

/** The key that a shop signs texts with: that of its merchant, under the name of the log and its record. */
function shopKey({ keys: { merchant }, policy }: Pick<Shop, 'keys' | 'policy'>): VerifierKey {
  return verifierKey(`${policy.logs[0]!.key.name}/record/${recordOf(merchant)}`, ED25519_KEY, publicKeyOf(merchant))
}

/**
 * A text that the shop signs, as a signed note (c2sp.org/signed-note): it shows to anyone that the shop said so.
 *
 * @param lines - of the text, the first of them says which form it has.
 */
export function signedText(shop: Pick<Shop, 'keys' | 'policy'>, lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`
  const signature = signNote(text, shopKey(shop), shop.keys.merchant.seed)
  return utf8Decode(formatNote({ text, signatures: [signature] }))
}

/** The key that verifies it, as `name+id+base64`. */
export function shopKeyText(shop: Pick<Shop, 'keys' | 'policy'>): string {
  return formatVerifierKey(shopKey(shop))
}

function recordOf({ holder }: SigningKey): number {
  return 'record' in holder ? holder.record : 0
}
