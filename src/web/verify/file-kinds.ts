import { utf8Encode } from '../../core/bytes.ts'
import { kindOf } from '../../verify/file-kind.ts'
import type { FileKind, TrustKind } from './verdict.ts'

/** What a file is; undefined where it is nothing that this page can read. @param bytes - untrusted. */
export function fileKindOf(bytes: Uint8Array): FileKind | TrustKind | undefined {
  const kind = kindOf(bytes)
  const start = String.fromCharCode(...bytes.subarray(0, 4096))
  if (kind === 'card') return start.includes('tallystick/card/') ? 'card' : undefined
  if (kind !== 'note') return kind === 'entry' ? undefined : kind
  return /^(?:#|\s|log |witness |group |quorum )/.test(start) ? 'policy' : 'checkpoint'
}

/** Bytes of a text that was pasted: those that its base64 says, where it is nothing else. */
export function pasted(text: string): Uint8Array {
  const tight = text.replace(/\s+/g, '')
  if (tight.length >= 16 && tight.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(tight)) {
    const binary = atob(tight)
    return Uint8Array.from(binary, one => one.charCodeAt(0))
  }
  return utf8Encode(text)
}
