import { type FileHandle, open } from 'node:fs/promises'
import { crc32cOver, maskedCrc32c } from './crc32c.ts'

/**
 * At the end of a table: where its two blocks about blocks stand, filled up to 40 bytes, and a number that no other
 * file has.
 */
const FOOTER_BYTES = 48
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
/** After a block: how it is compressed (a byte), and its sum. */
const TRAILER_BYTES = 5
/** A block about blocks that is larger than this is none: of a table of 2 MB it has some kilobytes. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024

interface BlockPlace {
  readonly at: number
  readonly size: number
}

/**
 * What is wrong with the parts of a table by which LevelDB finds the others, or undefined. It believes them, and dies
 * of a size that cannot be; what stands in the other blocks has sums of its own. Two reads, of some kilobytes.
 */
export async function faultOfTable(path: string, size: number): Promise<string | undefined> {
  const file = await open(path, 'r')
  try {
    const actual = (await file.stat()).size
    if (actual !== size) return `it has ${actual} bytes, not ${size}`
    if (size < FOOTER_BYTES) return 'it is cut off'
    const footer = await read(file, { at: size - FOOTER_BYTES, size: FOOTER_BYTES })
    if (MAGIC.some((byte, i) => footer[40 + i] !== byte)) return 'its end is damaged'
    const [meta, index] = placesIn(footer)
    // The two follow each other, before the footer.
    const isInPlace =
      meta.at + meta.size + TRAILER_BYTES === index.at && index.at + index.size + TRAILER_BYTES === size - FOOTER_BYTES
    if (!isInPlace || index.size > INDEX_BYTES_MAX) return 'its end is damaged'
    for (const block of [meta, index]) {
      const bytes = await read(file, { at: block.at, size: block.size + TRAILER_BYTES })
      const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(block.size + 1, true)
      if (maskedCrc32c(crc32cOver(bytes, 0, block.size + 1)) !== sum) return 'its index is damaged'
    }
    return undefined
  } finally {
    await file.close()
  }
}

async function read(file: FileHandle, { at, size }: BlockPlace): Promise<Uint8Array> {
  const { buffer } = await file.read(new Uint8Array(size), 0, size, at)
  return buffer
}

/** The two places that a footer begins with: each an offset and a size, of seven bits a byte, the low ones first. */
function placesIn(footer: Uint8Array): [BlockPlace, BlockPlace] {
  let at = 0
  const number = () => {
    let number = 0
    for (let factor = 1; at < 40; factor *= 128) {
      const byte = footer[at++]!
      number += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    return number
  }
  return [
    { at: number(), size: number() },
    { at: number(), size: number() },
  ]
}
