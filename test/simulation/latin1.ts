/** A key as a string of one character a byte, which sorts as the bytes do. */
export function toLatin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** The bytes of such a string. */
export function latin1From(text: string): Uint8Array {
  return Uint8Array.from(text, c => c.charCodeAt(0))
}
