import { randomBytes } from 'node:crypto'

/** So many bytes that nobody can guess. */
export type Random = (bytes: number) => Uint8Array

/** Those of the system. */
export const systemRandom: Random = bytes => new Uint8Array(randomBytes(bytes))
