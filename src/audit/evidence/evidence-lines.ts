import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from '../../core/failure.ts'
import { ENTRY_BYTES_MAX } from '../../core/limits.ts'
import { BUNDLE_ENTRIES, entryPlaces } from '../../core/tree/tile.ts'
import { UsageError } from '../../node/failure.ts'
import { EVIDENCE_BYTES_MAX, type EvidenceFile, parseEvidence } from '../../verify/evidence/evidence-file.ts'
import type { BundleSource } from '../read/log-copy.ts'

/** Bytes of the longest line with a bundle: 256 of the longest entries in base64, and the words around them. */
const LINE_BYTES_MAX = 4 * Math.ceil((BUNDLE_ENTRIES * (2 + ENTRY_BYTES_MAX)) / 3) + 64
/** Bytes that are read at once: what a bundle of ordinary entries takes. */
const BLOCK_BYTES = 64 * 1024
const NEWLINE = 0x0a
const CLOSING_BRACE = 0x7d

/** The line of an evidence file that has a bundle of entries. SPEC §11. */
export function formatBundleLine(index: number, bundle: Uint8Array): string {
  const { buffer, byteOffset, length } = bundle
  return `{"bundle":${index},"entries":"${Buffer.from(buffer, byteOffset, length).toString('base64')}"}\n`
}

/**
 * An evidence file: its document, and the entries of the log that it may carry on the lines after it, which are read
 * as they are asked for. Holds a line, and for each bundle where its line begins. Nothing is checked but its form.
 */
export class EvidenceLines implements BundleSource {
  readonly file: EvidenceFile
  readonly #path: string
  readonly #handle: FileHandle
  /** Where the lines of the bundles begin; the last is that of the next, or the end. */
  readonly #begins: number[]

  private constructor(path: string, handle: FileHandle, file: EvidenceFile, begin: number) {
    this.#path = path
    this.#handle = handle
    this.file = file
    this.#begins = [begin]
  }

  /**
   * Opens a file and reads its document.
   *
   * @param path - of an untrusted file.
   * @throws UsageError `file`; FormatError `evidence`, `base64`, `utf8`.
   */
  static async open(path: string): Promise<EvidenceLines> {
    const handle = await open(path, 'r').catch((error: Error) => {
      throw unreadable(path, error)
    })
    try {
      const line = await readLine(handle, path, 0, EVIDENCE_BYTES_MAX)
      // A document that is followed by the log is on the first line; one on its own may be spread over lines.
      const isFollowed = line.end && line.bytes.at(-1) === CLOSING_BRACE
      const first = isFollowed ? parseEvidence(line.bytes) : undefined
      const file = first?.evidence.log?.bundles ? first : parseEvidence(await readWhole(handle, path))
      return new EvidenceLines(path, handle, file, line.next)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** How many bundles it carries. */
  get bundles(): number {
    return this.file.evidence.log?.bundles ?? 0
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async *first(count: number): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index++) yield await this.bytes(index)
    await this.#checkEnd()
  }

  async bytes(index: number): Promise<Uint8Array> {
    const begin = this.#begins[index]!
    const { bytes, end, next } = await readLine(this.#handle, this.#path, begin, LINE_BYTES_MAX)
    if (!end) {
      const what = `it breaks off in bundle ${index} of the ${this.bundles} that it says it carries: ask for the whole file`
      throw new FormatError('evidence', `${this.#path}: ${what}`)
    }
    this.#begins[index + 1] = next
    return this.#bundleOf(bytes, index)
  }

  /** Nothing stands after the last bundle that was read. */
  async #checkEnd(): Promise<void> {
    const { bytesRead } = await this.#handle.read(Buffer.alloc(1), 0, 1, this.#begins.at(-1)!)
    if (bytesRead > 0)
      throw new FormatError('evidence', `${this.#path}: more lines than the ${this.bundles} bundles that it names`)
  }

  /** The bundle on a line: `{"bundle": its number, "entries": base64}`, and nothing else. */
  #bundleOf(line: Uint8Array, index: number): Uint8Array {
    const refuse = (what: string) => new FormatError('evidence', `${this.#path}: line ${index + 2}: ${what}`)
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw refuse('it is no JSON')
    }
    if (typeof value !== 'object' || value === null || Object.keys(value).sort().join() !== 'bundle,entries')
      throw refuse('expected {"bundle", "entries"} and nothing else')
    const { bundle, entries } = value as Record<string, unknown>
    if (bundle !== index) throw refuse(`expected bundle ${index}: they stand in their order`)
    const bytes = Buffer.from(typeof entries === 'string' ? entries : '', 'base64')
    // Buffer skips what is not of the alphabet: only what it would write itself is base64 of SPEC §2.
    if (typeof entries !== 'string' || bytes.toString('base64') !== entries) throw refuse('"entries" is base64')
    const bundled = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    // A ledger may serve more of the last one; a file has what it says.
    entryPlaces(bundled, Math.min(BUNDLE_ENTRIES, this.file.evidence.log!.entries - BUNDLE_ENTRIES * index))
    return bundled
  }
}

interface Line {
  /** Without its end. */
  readonly bytes: Uint8Array
  /** Whether it has one, and does not just break off. */
  readonly end: boolean
  readonly next: number
}

/**
 * The line that begins at a byte of a file. @throws UsageError `file`; FormatError `evidence` where it is longer than
 * `most`.
 */
async function readLine(handle: FileHandle, path: string, begin: number, most: number): Promise<Line> {
  const blocks: Buffer[] = []
  for (let at = begin; ; ) {
    const block = await readBlock(handle, path, at)
    const found = block.indexOf(NEWLINE)
    blocks.push(found < 0 ? block : block.subarray(0, found))
    at += found < 0 ? block.length : found + 1
    if (at - begin > most + 1) throw new FormatError('evidence', `${path}: a line is longer than ${most} bytes`)
    if (found >= 0 || block.length === 0)
      return { bytes: new Uint8Array(Buffer.concat(blocks)), end: found >= 0, next: at }
  }
}

async function readBlock(handle: FileHandle, path: string, at: number): Promise<Buffer> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, at)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw unreadable(path, error as Error)
  }
}

async function readWhole(handle: FileHandle, path: string): Promise<Uint8Array> {
  const blocks: Buffer[] = []
  for (let at = 0; ; ) {
    const block = await readBlock(handle, path, at)
    if (block.length === 0) return new Uint8Array(Buffer.concat(blocks))
    blocks.push(block)
    at += block.length
    if (at > EVIDENCE_BYTES_MAX)
      throw new FormatError(
        'evidence',
        `${path}: the document of an evidence file has at most ${EVIDENCE_BYTES_MAX} bytes`,
      )
  }
}

function unreadable(path: string, error: Error): UsageError {
  return new UsageError('file', `${path} cannot be read: ${error.message}`, { cause: error })
}
