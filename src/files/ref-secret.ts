import { fromHex, utf8Decode } from '../core/bytes.ts'
import { UsageError } from '../node/failure.ts'
import { readKey } from './key-files.ts'
import { readPrivate } from './private-file.ts'
import { readShop, type Shop } from './shop-file.ts'

/** What the references of members are made with. */
export interface RefSecret {
  /** 16 to 64 bytes. */
  readonly secret: Uint8Array
  /** Where the file is that of a shop. */
  readonly shop?: Shop
}

/**
 * The secret that references are made with (SPEC §5), from a file that nobody else may read: that of a shop, a key
 * file, or one line of hex, as other systems of a shop keep theirs.
 *
 * @throws UsageError `file`, `key-mode`, `key-file`, `shop-file`; `key-locked`.
 */
export async function readRefSecret(path: string): Promise<RefSecret> {
  const text = textOf(await readPrivate(path))
  if (/^(?:[0-9a-f]{2}){16,64}\r?\n?$/.test(text)) return { secret: fromHex(text.trim()) }
  if (text.includes('"tallystick/shop/')) {
    const shop = await readShop(path)
    return { secret: shop.secret, shop }
  }
  if (text.includes('"tallystick/key/')) return { secret: (await readKey(path)).seed }
  // Of the content nothing is repeated: it may be half a secret.
  throw new UsageError(
    'key-file',
    `${path} has no secret of references: it is the file of a shop, a key file, or 16 to 64 bytes in a line of hex.`,
  )
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes)
  } catch {
    return ''
  }
}
