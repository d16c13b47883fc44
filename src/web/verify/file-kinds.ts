import type { TrustKind } from './verdict.ts'

/** Whether a file is one to verify with; undefined where it is one to verify. @param bytes - untrusted. */
export function trustKindOf(bytes: Uint8Array): TrustKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 4096))
  if (start.startsWith('{')) return start.includes('"tallystick/card/') ? 'card' : undefined
  return /^(?:#|\s|log |witness |group |quorum )/.test(start) ? 'policy' : undefined
}

/** Bytes of a text that was pasted: those that its base64 says, where it is nothing else. */
export function pasted(text: string): Uint8Array {
  const tight = text.replace(/\s+/g, '')
  if (tight.length >= 16 && tight.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(tight)) {
    const binary = atob(tight)
    return Uint8Array.from(binary, one => one.charCodeAt(0))
  }
  return new TextEncoder().encode(text)
}
