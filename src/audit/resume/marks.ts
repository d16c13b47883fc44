import { equalBytes, fromBase64, toBase64, utf8Decode, utf8Encode } from '../../core/bytes.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { FormatError } from '../../core/failure.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES } from '../../core/tree/tile.ts'
import {
  HEAD_KEY,
  type KeptOverdue,
  type LedgerState,
  SNAPSHOT_FROM,
  SNAPSHOT_TO,
  SnapshotError,
  SnapshotReader,
  SnapshotWriter,
} from '../../ledger/index.ts'
import { type Ids, type Row, rowKey } from '../../lookup/index.ts'
import type { KeptFigures } from '../figures.ts'
import type { Salts } from '../read/salts.ts'
import { TileMaker, type TreeEdge } from '../read/tile-maker.ts'
import { type AuditDisk, DamagedState } from './rows-on-disk.ts'

const MARK_FORMAT = 3
const MARK_KEY = rowKey('am')
/** Rows of a snapshot that are written at once, and rows of its base that are made after a run. */
const ROWS_AT_ONCE = 64
const BASE_AT_ONCE = 64

/** What was counted of a log. */
interface LogCounts {
  readonly transactions: number
  readonly seals: number
  /** Log index of the last batch, and of the last seal, that was found right; -1 where there is none. */
  readonly lastBatch: number
  readonly lastSeal: number
}

/** A log as far as an audit found it without fault: up to a seal. */
export interface Mark {
  /** Entries; the last of them is a seal. */
  readonly size: number
  /** The right edge of the tree over them. */
  readonly edge: TreeEdge
  /** The entry of that seal. */
  readonly seal: Uint8Array
  readonly counts: LogCounts
  readonly figures: KeptFigures
  readonly overdue: KeptOverdue
  /** The checkpoint of an earlier audit that the log was compared with on the way. */
  readonly compared: { readonly size: number; readonly root: Uint8Array } | undefined
}

/** A mark with the state there. */
export interface Begin {
  readonly mark: Mark
  readonly state: LedgerState
  readonly marks: Marks
}

/**
 * Marks on the way of an audit: each a snapshot of the ledger's state after a seal, the ids used, and what else the
 * audit has to know there. A mark stands when its last row is on the disk; until then the one before does.
 */
export class Marks {
  readonly #disk: AuditDisk
  readonly #writer: SnapshotWriter

  constructor(disk: AuditDisk, writer: SnapshotWriter) {
    this.#disk = disk
    this.#writer = writer
  }

  /**
   * The last mark, and the state there, remade and compared with its seal; undefined where there is none.
   *
   * @throws DamagedState where it does not hold.
   */
  static async read(disk: AuditDisk, salts: Salts): Promise<Begin | undefined> {
    const row = await disk.readRow(MARK_KEY)
    if (row === undefined) return undefined
    const mark = parseMark(row)
    const last = mark.edge[0]?.subarray(-32)
    // Where the last tile is whole there is no such leaf, and the state is compared with the seal alone.
    if (mark.size % BUNDLE_ENTRIES !== 0 && (last === undefined || !equalBytes(last, leafHash(mark.seal))))
      throw new DamagedState('the seal that was kept is not the last entry')
    const head = await disk.readRow(HEAD_KEY)
    if (head === undefined) throw new DamagedState('a mark was kept, and no snapshot')
    try {
      const reader = new SnapshotReader(head)
      if (reader.head.size !== mark.size) throw new DamagedState('the mark is of another size than the snapshot')
      for await (const one of disk.readRows(SNAPSHOT_FROM, SNAPSHOT_TO)) reader.add(one)
      const { epoch } = decodeSeal(mark.seal)
      await salts.fetch(epoch, epoch + 1)
      const state = reader.finish(mark.seal, at => salts.of(at) ?? new Uint8Array(32))
      return { mark, state, marks: new Marks(disk, new SnapshotWriter(state, reader.head)) }
    } catch (error) {
      const isDamage = error instanceof SnapshotError || error instanceof FormatError
      throw isDamage ? new DamagedState(error.message, { cause: error }) : error
    }
  }

  /** Makes some of the rows that the next snapshot owes. Call it between two marks, now and then. */
  makeBase(): void {
    for (let i = 0; i < BASE_AT_ONCE && this.#writer.makeBase(); i++);
  }

  /** Writes a mark of the state as it is, right after a seal. */
  async write(mark: Mark, ids: Ids): Promise<void> {
    const { changes, head, base, obsolete } = this.#writer.cut(mark.size)
    await writeAll(this.#disk, changes)
    const kept = await ids.keep(mark.size)
    await this.#disk.writeRows({ puts: [head, kept.head, { key: MARK_KEY, value: formatMark(mark) }] }, { sync: true })
    await writeAll(this.#disk, base)
    for (const keys of [obsolete, kept.obsolete]) if (keys !== undefined) await this.#disk.deleteRows(...keys)
  }
}

async function writeAll(disk: AuditDisk, rows: Iterable<Row>): Promise<void> {
  let puts: Row[] = []
  for (const row of rows) {
    puts.push(row)
    if (puts.length < ROWS_AT_ONCE) continue
    await disk.writeRows({ puts }, { sync: false })
    puts = []
  }
  await disk.writeRows({ puts }, { sync: false })
}

function formatMark({ edge, seal, compared, ...plain }: Mark): Uint8Array {
  return utf8Encode(
    JSON.stringify({
      format: MARK_FORMAT,
      ...plain,
      edge: edge.map(toBase64),
      seal: toBase64(seal),
      ...(compared === undefined ? {} : { compared: { size: compared.size, root: toBase64(compared.root) } }),
    }),
  )
}

/** @throws DamagedState where it is of another version. What is in a row that holds is what was written. */
function parseMark(row: Uint8Array): Mark {
  const { format, edge, seal, compared, ...plain } = JSON.parse(utf8Decode(row)) as {
    format: number
    edge: string[]
    seal: string
    compared?: { size: number; root: string }
  } & Omit<Mark, 'edge' | 'seal' | 'compared'>
  if (format !== MARK_FORMAT) throw new DamagedState('the mark is of another version')
  return {
    ...plain,
    edge: edge.map(hashes => fromBase64(hashes)),
    seal: fromBase64(seal),
    compared: compared && { size: compared.size, root: fromBase64(compared.root) },
  }
}

/** The root of the log at a mark. */
export function rootOfMark({ size, edge }: Mark): Uint8Array {
  return new TileMaker(size, edge).root()
}
