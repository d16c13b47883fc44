/** The two classes of the Encoding standard that every platform of ours has, and no type library of this room names. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
  encodeInto(text: string, to: Uint8Array): { readonly read: number; readonly written: number }
}

declare class TextDecoder {
  constructor(label: 'utf-8', options: { fatal: true; ignoreBOM: true })
  decode(bytes: Uint8Array): string
}
