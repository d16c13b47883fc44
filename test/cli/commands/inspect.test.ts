import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectEvidence } from '../../../cli/screen/show-evidence.ts'
import { FormatError } from '../../../src/core/failure.ts'
import { type EvidenceFile, formatEvidence, parseEvidence } from '../../../src/verify/evidence/evidence-file.ts'
import type { Lie } from '../../lies/lie.ts'
import { tally } from '../run.ts'

const LIES = join(import.meta.dirname, '../../lies/evidence')

/** The evidence files of the corpus of lies, true and false. */
const evidence = new Map(
  readdirSync(LIES).map(name => {
    const { shown } = JSON.parse(readFileSync(join(LIES, name), 'utf8')) as Lie
    const { text, bytes } = shown as { text?: string; bytes?: string }
    return [name.slice(0, -'.json'.length), text === undefined ? Buffer.from(bytes!, 'base64') : Buffer.from(text)]
  }),
)

describe('evidence can be looked at, and nothing in it is believed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tally-inspect-'))
  const kept = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(directory, name), bytes)
    return join(directory, name)
  }
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('whom it accuses, of what, at which entry, and what it shows for it', async () => {
    kept('evidence-1.json', evidence.get('honest-batch-refused')!)
    const { status, out } = await tally(directory, 'inspect', 'evidence-1.json')
    const { entries } = parseEvidence(evidence.get('honest-batch-refused')!).evidence
    expect([status, JSON.parse(out)]).toMatchObject([
      0,
      {
        file: 'evidence',
        accuses: 'ledger.example/points',
        code: 'batch-refused',
        breaks: 'Nothing enters the log without the signature of those who must sign it.',
        shows: entries!.map(({ index }) => index),
        needs: 'nothing',
        checkpoint: { origin: 'ledger.example/points', signatures: [{ name: 'ledger.example/points' }] },
        entries: expect.arrayContaining([expect.objectContaining({ entry: 'batch' })]),
        records: [{ entry: 'transaction', kind: 'register-key' }],
      },
    ])
  })

  test.each([...evidence])('%s is shown, or is no evidence file', async (name, bytes) => {
    const shown = await inspectEvidence(kept(name, bytes)).catch((error: unknown) => error)
    let file: EvidenceFile | FormatError
    try {
      // A log that it carries stands after its first line, and is not read.
      file = parseEvidence(firstLine(bytes))
    } catch (error) {
      file = error as FormatError
    }
    if (file instanceof FormatError) expect(shown).toMatchObject({ name: 'FormatError', code: file.code })
    else expect(shown).toMatchObject({ file: 'evidence', code: file.code, accuses: file.origin })
  })

  test('an entry that is malformed is shown as it is: it may be what the log is accused of', async () => {
    const shown = await inspectEvidence(kept('form', evidence.get('honest-entry-form')!))
    expect(shown).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ malformed: expect.stringMatching(/^[a-z-]+: /) })]),
    })
  })

  test('the log that it carries is named, and not read', async () => {
    const { evidence: exhibits, ...said } = parseEvidence(evidence.get('honest-batch-time')!)
    const log = { entries: 300, bundles: 2 }
    const file = { ...said, needs: 'nothing' as const, evidence: { ...exhibits, at: 299, log } }
    const shown = inspectEvidence(kept('carried', Buffer.concat([formatEvidence(file), Buffer.from('cut off')])))
    expect(await shown).toMatchObject({ code: 'batch-time', at: 299, log })
  })
})

/** The first line of a file of lines, each an object; the whole of any other. */
function firstLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(10)
  const isLine = end > 0 && bytes[end - 1] === 0x7d && bytes[end + 1] === 0x7b
  return isLine ? bytes.subarray(0, end + 1) : bytes
}
