import { u64be } from '../core/bytes.ts'
import { type Database, plain } from './check.ts'
import { type DocumentName, type Row, StoreError } from './contract.ts'
import { DOCUMENTS, documentKey } from './keys.ts'
import { withoutSum, withSum } from './sum.ts'

/** How a document was written last: where, and with which number. */
interface Written {
  readonly turn: number
  readonly bytes: Uint8Array
}

/**
 * The documents of a store. Each has two rows, which are written by turns, so that the one before is there where the
 * last one is damaged: a checkpoint of before is one still, and says that the log was as long as that.
 */
export class Documents {
  readonly #written = new Map<DocumentName, Written | 'damaged'>()
  readonly #nextTurn = new Map<DocumentName, number>()

  /** What there is in a database. */
  static async read(db: Database): Promise<Documents> {
    const documents = new Documents()
    for (const name of Object.keys(DOCUMENTS) as DocumentName[]) {
      const keys = [documentKey(name, 0), documentKey(name, 1)]
      const stored = (await db.getMany(keys)).map((value, i) => value && writtenIn(keys[i]!, plain(value)))
      const whole = stored.filter(one => typeof one === 'object').sort((a, b) => b.turn - a.turn)
      const last = whole[0] ?? (stored.includes('damaged') ? 'damaged' : undefined)
      if (last !== undefined) documents.#written.set(name, last)
      documents.#nextTurn.set(name, typeof last === 'object' ? last.turn + 1 : 0)
    }
    return documents
  }

  /** A document as it was written last, or before where that is damaged; a copy. @throws StoreError `store-corrupt`. */
  get(name: DocumentName): Uint8Array | undefined {
    const written = this.#written.get(name)
    if (written === 'damaged')
      throw new StoreError('store-corrupt', `Both rows of the document ${name} in the store are damaged.`)
    return written?.bytes.slice()
  }

  /** The row that a document is to be written to; with `written` it is what `get` gives. */
  next(name: DocumentName, bytes: Uint8Array): { readonly row: Row; readonly written: () => void } {
    const turn = this.#nextTurn.get(name)!
    this.#nextTurn.set(name, turn + 1)
    const key = documentKey(name, turn % 2)
    const copy = bytes.slice()
    return {
      row: { key, value: withSum(key, u64be(turn), copy) },
      written: () => this.#written.set(name, { turn, bytes: copy }),
    }
  }
}

function writtenIn(key: Uint8Array, stored: Uint8Array): Written | 'damaged' {
  const value = withoutSum(key, stored)
  if (value === undefined || value.length < 8) return 'damaged'
  return { turn: Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0)), bytes: value.slice(8) }
}
