import type { DocumentName } from './contract.ts'

/**
 * The layout, all keys byte strings that sort as they should:
 *
 * ```
 * 'd' name               a document; 'dformat' is the version of this layout
 * 'e' u64be(firstIndex)  a piece of the log; of a whole bundle there is one, at its first index
 * ```
 */
export const FORMAT_KEY: Uint8Array = text('dformat')

/** Version of the layout. */
export const FORMAT = '1'

function text(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, c => c.charCodeAt(0))
}

export function documentKey(name: DocumentName): Uint8Array {
  return text(`d${name}`)
}

/** The key of the piece that begins at a log index. */
export function pieceKey(firstIndex: number): Uint8Array {
  const key = new Uint8Array(9)
  const view = new DataView(key.buffer)
  key[0] = 0x65
  view.setUint32(1, Math.floor(firstIndex / 2 ** 32))
  view.setUint32(5, firstIndex % 2 ** 32)
  return key
}

/** The log index of the first entry of the piece under a key. */
export function firstIndexOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset)
  return view.getUint32(1) * 2 ** 32 + view.getUint32(5)
}
