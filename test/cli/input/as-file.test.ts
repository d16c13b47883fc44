import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asFile } from '../../../cli/input/as-file.ts'
import { fromBase64, utf8Encode } from '../../../src/core/bytes.ts'
import type { Lie } from '../../lies/lie.ts'
import { ended, start, tally } from '../run.ts'

const LIES = join(import.meta.dirname, '../../lies')
const KINDS = ['statement/honest', 'receipt/honest', 'promise/honest', 'refusal/honest', 'totals/honest']

describe('a file that comes through a pipe', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-as-file-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const verified = async (bytes: Uint8Array, policy: string) => {
    await writeFile(join(folder, 'policy'), policy)
    const child = start(folder, ['verify', '-', '--policy', 'policy'])
    child.stdin!.end(bytes)
    return ended(child)
  }

  test.each([...KINDS, 'evidence/honest-forked'])('%s: standard input is verified as a file is', async name => {
    const { shown, trust } = JSON.parse(await readFile(join(LIES, `${name}.json`), 'utf8')) as Lie
    const { text, bytes: coded } = shown as { text?: string; bytes?: string }
    const bytes = text === undefined ? fromBase64(coded!) : utf8Encode(text)
    const piped = await verified(bytes, String(trust['policy']))
    await writeFile(join(folder, 'file'), bytes)
    const asIs = await tally(folder, 'verify', 'file', '--policy', 'policy')
    // The clock of the corpus is ahead of ours: whether it holds is the same either way.
    expect(piped).toEqual({ ...asIs, out: asIs.out.replace(/^file: /, '-: ') })
    expect([piped.out, piped.err]).toEqual([expect.stringMatching(/^-: /), ''])
  })

  test('another kind of file is refused under that name, and so is an empty one', async () => {
    const { trust } = JSON.parse(await readFile(join(LIES, 'statement/honest.json'), 'utf8')) as Lie
    const other = await verified(utf8Encode('?'), String(trust['policy']))
    expect([other.status, other.err]).toEqual([2, expect.stringContaining('file-kind: standard input is no statement')])
    const none = await verified(new Uint8Array(0), String(trust['policy']))
    expect([none.status, none.err]).toEqual([2, expect.stringContaining('file: standard input is empty')])
  })

  test('a pipe with a name is read once, and the copy goes away', async () => {
    const pipe = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const written = pipeline(Readable.from([utf8Encode('ab'), utf8Encode('c')]), createWriteStream(pipe))
    let copy = ''
    const twice = await asFile(pipe, async path => {
      copy = path
      return [await readFile(path, 'utf8'), await readFile(path, 'utf8')]
    })
    await written
    expect(twice).toEqual(['abc', 'abc'])
    await expect(readFile(copy)).rejects.toMatchObject({ code: 'ENOENT' })
    const refused = asFile('-', async path => Promise.reject(new Error(`${path} is bad`)), Readable.from(['x']))
    await expect(refused).rejects.toThrow('standard input is bad')
  })

  test('a file is taken as it is', async () => {
    const path = join(folder, 'plain')
    await writeFile(path, '')
    expect(await asFile(path, async same => same)).toBe(path)
    expect(await asFile(join(folder, 'none'), async same => same)).toBe(join(folder, 'none'))
  })
})
