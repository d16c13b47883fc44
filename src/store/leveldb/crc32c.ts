/** The polynomial of CRC-32C (Castagnoli), its bits reversed, as RFC 3720 §12.1 has it. */
const POLYNOMIAL = 0x82f63b78

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1
  return sum
})

/** The register before the first byte. */
export const CRC32C_START = 0xffffffff

/** The register of CRC-32C when `bytes[from, to)` went through it. Some 3 ns a byte: for what is little. */
export function crc32cOver(bytes: Uint8Array, from: number, to: number, start: number = CRC32C_START): number {
  let sum = start
  for (let i = from; i < to; i++) sum = TABLE[(sum ^ bytes[i]!) & 0xff]! ^ (sum >>> 8)
  return sum
}

/** What LevelDB writes where the register stands so: the sum, turned and shifted, as a sum may be summed again. */
export function maskedCrc32c(register: number): number {
  const sum = (register ^ 0xffffffff) >>> 0
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}
