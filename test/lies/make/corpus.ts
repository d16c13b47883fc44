import { toBase64 } from '../../../src/core/bytes.ts'
import type { Fields, Lie } from '../lie.ts'

/** What a file of the corpus is made of, beside its place and words. */
export interface Told {
  readonly verifier: string
  readonly trust?: Fields
  readonly shown: Fields
  readonly facts?: Fields
}

/** The files of the corpus, by path below `test/lies`. */
export class Corpus {
  readonly files = new Map<string, Lie>()

  /** A lie: `path` is area and name, `code` the error that it has to end in. */
  lie(path: string, code: string, says: string, told: Told): void {
    if (this.files.has(path)) throw new Error(`${path} stands twice`)
    const { verifier, trust = {}, shown, facts } = told
    const file = { format: 'tallystick/lie/v1', says, verifier, trust, shown, expect: code } as const
    this.files.set(path, facts === undefined ? file : { ...file, facts })
  }

  /** The truth beside lies: it has to hold, and these facts have to be found. */
  truth(path: string, says: string, told: Told): void {
    this.lie(path, 'holds', says, told)
  }
}

/** The text of a file. */
export function formatLie(lie: Lie): string {
  return `${JSON.stringify(lie, undefined, 2)}\n`
}

/** Bytes as files have them. */
export function shownBytes(bytes: Uint8Array): { readonly bytes: string } {
  return { bytes: toBase64(bytes) }
}
