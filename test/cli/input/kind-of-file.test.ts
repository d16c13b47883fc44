import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kindOfFile } from '../../../cli/input/kind-of-file.ts'
import { fromBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { parseCard } from '../../../src/verify/card.ts'
import { parseEvidence } from '../../../src/verify/evidence/evidence-file.ts'
import { type FileKind, kindOf } from '../../../src/verify/file-kind.ts'
import { parseOpened } from '../../../src/verify/opened-totals.ts'
import type { Lie } from '../../lies/lie.ts'
import { runs } from '../../runs.ts'
import { tally } from '../run.ts'

const LIES = join(import.meta.dirname, '../../lies')
const bytesIn = async (path: string) => {
  const { text, bytes } = (JSON.parse(await readFile(join(LIES, path), 'utf8')) as Lie).shown
  return text === undefined ? fromBase64(String(bytes)) : utf8Encode(String(text))
}
const policyIn = async (path: string) =>
  String((JSON.parse(await readFile(join(LIES, path), 'utf8')) as Lie).trust['policy'])

/** A file of each kind, honest, of the corpus. */
const FILES: Readonly<Record<Exclude<FileKind, 'note' | 'entry' | 'pages'>, string>> = {
  statement: 'statement/honest.json',
  promise: 'promise/honest.json',
  refusal: 'refusal/honest.json',
  receipt: 'receipt/honest.json',
  card: 'card/honest.json',
  evidence: 'evidence/honest-forked.json',
  totals: 'totals/honest.json',
}
/** Those that are JSON, and who reads them. */
const READERS: readonly (readonly [FileKind & keyof typeof FILES, (bytes: Uint8Array) => unknown])[] = [
  ['card', parseCard],
  ['evidence', parseEvidence],
  ['totals', bytes => parseOpened(utf8Decode(bytes).trimEnd())],
]

/** JSON of the same value: its members in another order, with white space, and names that are escaped. */
function written(value: unknown, choose: (most: number) => number): string {
  const space = () => ['', '', ' ', '\n', '\t', '\r\n '][choose(5)]!
  const text = (name: string) =>
    choose(3) > 0 ? JSON.stringify(name) : `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`
  if (Array.isArray(value)) return `[${space()}${value.map(one => written(one, choose)).join(`${space()},`)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .map(member => ({ member, at: choose(1000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ member: [name, one] }) => `${space()}${text(name)}${space()}:${space()}${written(one, choose)}${space()}`)
  return `{${members.join(',')}}`
}

describe('the kind of a file', () => {
  let folder: string
  let files: readonly (readonly [FileKind, Uint8Array])[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-kinds-'))
    files = await Promise.all(
      Object.entries(FILES).map(async ([kind, path]) => [kind as FileKind, await bytesIn(path)] as const),
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('is seen of an honest one of each kind', async () => {
    expect(files.map(([, bytes]) => kindOf(bytes))).toEqual(files.map(([kind]) => kind))
    expect(kindOf(Uint8Array.of(2, 0x80))).toBe('entry')
    expect(kindOf(utf8Encode('ledger.example\n1\n'))).toBe('note')
    expect([kindOf(utf8Encode('{"name": "x"}')), kindOf(new Uint8Array(0)), kindOf(utf8Encode('{'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('does not go by the order of its members, by white space, or by how a name is written', async () => {
    for (const [kind, read] of READERS) {
      const bytes = files.find(([one]) => one === kind)![1]
      const value = JSON.parse(utf8Decode(bytes)) as unknown
      const before = read(bytes)
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat(2 ** 20)), fc.nat(100), async (numbers, percent) => {
          const text = written(value, most => (numbers.next().value as number) % (most + 1))
          const other = utf8Encode(kind === 'totals' ? text.replace(/[\r\n]/g, ' ') : ` \n${text}`)
          expect([kind, kindOf(other), read(other)]).toEqual([kind, kind, before])
          const path = join(folder, 'shuffled')
          await writeFile(path, other)
          expect(await kindOfFile(path)).toBe(kind)
          // One that breaks off is of no other kind.
          const part = kindOf(other.subarray(0, Math.floor((other.length * percent) / 100)))
          expect([kind, undefined, 'note']).toContain(part)
        }),
        { numRuns: runs(20, 6) },
      )
    }
  })

  test('is the same for whatever a member further in says', () => {
    for (const inside of ['{"format":"tallystick/card/v1"}', '["format","tallystick/card/v1"]', '"format"', '{}'])
      for (const text of [
        `{"evidence":${inside},"format":"tallystick/evidence/v1"}`,
        `{"format":"tallystick/evidence/v1","evidence":${inside}}`,
      ])
        expect([text, kindOf(utf8Encode(text))]).toEqual([text, 'evidence'])
  })

  test('`tally verify` and `tally inspect` take evidence whose format stands last', async () => {
    const names = (await readdir(join(LIES, 'evidence'))).filter(name => name.startsWith('honest-line-late'))
    for (const name of names.slice(0, 1)) {
      const { format, ...rest } = JSON.parse(utf8Decode(await bytesIn(`evidence/${name}`))) as { format: string }
      const text = JSON.stringify({ ...rest, format })
      expect(text.length).toBeGreaterThan(4096)
      await writeFile(join(folder, 'evidence'), text)
      await writeFile(join(folder, 'policy'), await policyIn(`evidence/${name}`))
      const verified = await tally(folder, 'verify', 'evidence', '--policy', 'policy')
      expect([verified.status, verified.out]).toEqual([0, expect.stringContaining('line-late')])
      const shown = await tally(folder, 'inspect', 'evidence')
      expect([shown.status, shown.out]).toEqual([0, expect.stringContaining('line-late')])
    }
  })
})
