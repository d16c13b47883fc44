import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { besideOf, makeFolder, writeBytes, writeNew } from '../../src/node/file-system.ts'
import { tally } from '../cli/run.ts'

const FILES = pathToFileURL(join(import.meta.dirname, '../../src/node/file-system.ts')).href
const hasProc = existsSync('/proc/self')

describe('a file is written whole or not at all', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tally-files-'))
  const at = (...names: string[]) => join(directory, ...names)
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('a write deletes the files of a process that was killed while it wrote there', async () => {
    mkdirSync(at('killed'))
    const path = at('killed', 'evidence-7.jsonl')
    // As `carryLog` does: beside its place, for as long as it takes.
    const code = `import { besideOf } from ${JSON.stringify(FILES)}
      import { writeFileSync } from 'node:fs'
      writeFileSync(await besideOf(${JSON.stringify(path)}), 'half')
      console.log('written')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const [left, ...none] = readdirSync(at('killed'))
    expect([left, none]).toEqual([expect.stringMatching(/^evidence-7\.jsonl\.tally-\d+-[0-9a-f]{8}\.tmp$/), []])
    // A process that runs is left to its work, and so is whatever else there is.
    const foreign = ['evidence-7.jsonl.tmp', 'notes.tally-x-00000000.tmp', `a.tally-${child.pid}-00000000.tmp.old`]
    for (const name of foreign) writeFileSync(at('killed', name), '')
    const write = (name: string) =>
      once(
        spawn(process.execPath, [
          '--input-type=module',
          '-e',
          `import { writeBytes } from ${JSON.stringify(FILES)}; await writeBytes(${JSON.stringify(at('killed', name))}, 'whole')`,
        ]),
        'close',
      )
    expect(await write('one')).toEqual([0, null])
    expect(readdirSync(at('killed')).sort()).toEqual([left!, 'one', ...foreign].sort())
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await write('two')).toEqual([0, null])
    expect(readdirSync(at('killed')).sort()).toEqual(['one', 'two', ...foreign].sort())
    expect(readFileSync(at('killed', 'two'), 'utf8')).toBe('whole')
  })

  test('by many at once, in a folder that is made for them', async () => {
    const names = Array.from({ length: 20 }, (_, i) => at('many', 'of', 'them', String(i % 10)))
    await Promise.all(names.map((path, i) => writeBytes(path, String(i))))
    expect(readdirSync(at('many/of/them')).sort()).toEqual([...'0123456789'])
    if (process.platform !== 'win32') expect(statSync(at('many/of')).mode & 0o777).toBe(0o700)
  })

  test('one that is to be new is written once, by whomever of many, and over nothing', async () => {
    const path = at('keys', 'one.json')
    const wrote = await Promise.all(Array.from({ length: 20 }, (_, i) => writeNew(path, `key ${i}`, 0o600)))
    const first = wrote.indexOf(true)
    expect([wrote.filter(Boolean).length, readFileSync(path, 'utf8')]).toEqual([1, `key ${first}`])
    expect(await writeNew(path, 'another')).toBe(false)
    symlinkSync(at('keys', 'nowhere'), at('keys', 'link'))
    expect(await writeNew(at('keys', 'link'), 'another')).toBe(false)
    expect(readdirSync(at('keys')).sort()).toEqual(['link', 'one.json'])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    await expect(writeNew(join(path, 'below'), 'x')).rejects.toMatchObject({ code: 'file' })
  })

  test('a folder that cannot be made is named, with why', async () => {
    writeFileSync(at('file'), '')
    const failing = [[at('file', 'in', 'it'), /cannot be made: (ENOTDIR|ENOENT|EEXIST)/]] as const
    for (const [path, why] of failing) await expect(makeFolder(path)).rejects.toThrow(why)
    await expect(makeFolder(at('file'))).rejects.toThrow(`the folder ${at('file')} cannot be made: EEXIST`)
    await makeFolder(directory)
    await makeFolder('.')
    await expect(besideOf(at('file', 'below'))).rejects.toThrow('cannot be made')
  })

  test('it ends with an error where no folder can ever be, instead of trying for ever', async context => {
    if (!hasProc) return context.skip('there is no /proc on this system')
    for (const args of [
      ['serve', '--port', '0', '--data', '/proc/tally'],
      ['init', '--data', '/proc/tally/data'],
      ['serve', '--port', '0', '--data', '/proc'],
      ['keygen', '--out', '/proc/tally/key.json'],
    ]) {
      const { status, out, err } = await tally(directory, ...args)
      expect([args, status, out, err]).toEqual([
        args,
        2,
        '',
        expect.stringMatching(/^tally: file: \/proc\/\S+ cannot be written: .*(ENOENT|EACCES|EPERM|EROFS)/),
      ])
    }
  })
})
