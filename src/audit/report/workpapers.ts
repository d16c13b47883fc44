import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TallyClient } from '../../client/index.ts'
import { toHex, utf8Encode } from '../../core/bytes.ts'
import { publicKeyFromSeed } from '../../core/crypto/ed25519.ts'
import { engine } from '../../core/crypto/engine.ts'
import { ED25519_KEY, formatNote, formatVerifierKey, signNote, verifierKey } from '../../core/note/note.ts'
import type { Policy } from '../../core/note/policy.ts'
import type { KeyFile } from '../../files/key-files.ts'
import { writeBytes } from '../../node/file-system.ts'
import type { Audit } from '../audit-report.ts'
import type { Figures } from '../figures.ts'
import { sampleOf } from './sample.ts'
import { csvOf } from './table.ts'
import { writeReports } from './write-reports.ts'

export interface WorkpapersOptions {
  readonly directory: string
  readonly client: TallyClient
  readonly policy: Policy
  readonly figures: Figures
  /** How many transactions are drawn. */
  readonly sample: number
  /** Signs the list of files: whose name stands under the papers. */
  readonly signer: Pick<KeyFile, 'name' | 'seed'>
}

/** What was written. */
export interface Workpapers {
  readonly files: readonly string[]
  /** The key, as `name+id+base64`, that verifies `workpapers.note`. */
  readonly key: string
}

/**
 * Writes the papers of an audit: the tables of `writeReports`; `sample.csv` and the receipt of each transaction in it,
 * `sample/<index>.txt`; and `workpapers.note`, a signed note (c2sp.org/signed-note) that binds them to the checkpoint.
 * Its text is `tallystick/workpapers/v1`, the three lines of the checkpoint, and for each file its SHA-256 in hex, two
 * spaces and its name, as `sha256sum --check` reads them.
 *
 * @throws what `sampleOf` throws; FormatError `verifier-key` where the signer's name cannot be one of a note.
 */
export async function writeWorkpapers(audited: Audit, options: WorkpapersOptions): Promise<Workpapers> {
  const { directory, client, policy, figures, sample, signer } = options
  const key = verifierKey(signer.name, ED25519_KEY, publicKeyFromSeed(signer.seed))
  const lines: string[] = []
  const write = async (name: string, bytes: Uint8Array) => {
    await writeBytes(join(directory, name), bytes)
    lines.push(`${toHex(engine().sha256(bytes))}  ${name}`)
  }
  await mkdir(join(directory, 'sample'), { recursive: true })
  await writeReports(audited, figures, write)
  const drawn = await sampleOf(audited, client, policy, sample)
  for (const { index, receipt } of drawn) await write(`sample/${index}.txt`, receipt)
  const table = {
    name: 'sample',
    says: `${drawn.length} of ${audited.report.transactions} transactions, drawn by the root of the checkpoint.`,
    columns: ['index', 'made', 'kind', 'outcome', 'receipt'],
    rows: drawn.map(({ index, kind, outcome, timeMs }) => [
      index,
      new Date(timeMs).toISOString(),
      kind,
      outcome,
      `sample/${index}.txt`,
    ]),
  }
  await write('sample.csv', utf8Encode(csvOf(table)))
  const checkpoint = audited.report.checkpoint.split('\n').slice(0, 3)
  const text = ['tallystick/workpapers/v1', ...checkpoint, ...lines, ''].join('\n')
  const note = formatNote({ text, signatures: [signNote(text, key, signer.seed)] })
  await writeBytes(join(directory, 'workpapers.note'), note)
  return { files: [...lines.map(line => line.slice(66)), 'workpapers.note'], key: formatVerifierKey(key) }
}
