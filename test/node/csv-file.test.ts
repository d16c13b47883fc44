import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { CodedError } from '../../src/core/failure.ts'
import { type CsvRow, csvRows } from '../../src/node/csv-file.ts'
import { runs } from '../runs.ts'

const directory = mkdtempSync(join(tmpdir(), 'tally-csv-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function rowsOf(content: string | Uint8Array, name = 'a.csv', delimiter?: string): Promise<CsvRow[]> {
  const path = join(directory, name)
  writeFileSync(path, content)
  const rows: CsvRow[] = []
  for await (const row of csvRows(path, delimiter)) rows.push(row)
  return rows
}
const cellsOf = async (...args: Parameters<typeof rowsOf>) => (await rowsOf(...args)).map(({ cells }) => cells)
const codeOf = async (content: string | Uint8Array, name?: string) =>
  rowsOf(content, name).then(
    () => 'read',
    (error: unknown) => (error instanceof CodedError ? `${error.code}: ${error.message}` : error),
  )

const WANTED = [
  ['id', 'balance'],
  ['zoë', '12'],
  ['b', '7'],
]
const TEXT = 'id,balance\nzoë,12\nb,7\n'
const bigEndian = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()

describe('files of values between commas', () => {
  test.each([
    ['lines that end in LF', TEXT],
    ['in CR LF', TEXT.replaceAll('\n', '\r\n')],
    ['in CR', TEXT.replaceAll('\n', '\r')],
    ['without an end', TEXT.slice(0, -1)],
    ['with a byte order mark', `\ufeff${TEXT}`],
    ['semicolons', TEXT.replaceAll(',', ';')],
    ['tabs', TEXT.replaceAll(',', '\t')],
    ['a first line that says what it has', `sep=|\r\n${TEXT.replaceAll(',', '|')}`],
    ['quotation marks', 'id,"balance"\n"zoë", "12"\n"b" ,7\n'],
    ['blank lines and rows of commas', 'id,balance\n\nzoë,12\n,\nb,7\n \n,,,\n'],
  ])('%s', async (_, text) => {
    expect(await cellsOf(text)).toEqual(WANTED)
  })

  test('UTF-16 of either kind, and packed', async () => {
    expect(await cellsOf(Buffer.from(`\ufeff${TEXT}`, 'utf16le'))).toEqual(WANTED)
    expect(await cellsOf(bigEndian(TEXT))).toEqual(WANTED)
    expect(await cellsOf(gzipSync(TEXT), 'a.csv.gz')).toEqual(WANTED)
  })

  test('values over several lines, with commas and quotation marks; each row has its line', async () => {
    expect(await rowsOf('a,b\r\n"one\r\ntwo, ""three""",1\r\n\r\nlast,2')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['one\r\ntwo, "three"', '1'] },
      { line: 5, cells: ['last', '2'] },
    ])
  })

  test('other files are refused, each by the name of its kind', async () => {
    const file = (first: readonly number[]) => Uint8Array.from([...first, 9, 9, 9, 9])
    expect(await codeOf(file([0x50, 0x4b, 3, 4]))).toMatch(/^csv-encoding: .*Excel workbook/)
    expect(await codeOf(file([0xd0, 0xcf, 0x11, 0xe0]))).toMatch(/^csv-encoding: .*old Excel/)
    expect(await codeOf(gzipSync(TEXT))).toMatch(/^csv-encoding: .*\.gz/)
    expect(await codeOf(file([0xff, 0xfe, 0, 0]))).toMatch(/^csv-encoding: .*UTF-32/)
    expect(await codeOf(Buffer.from(TEXT, 'utf16le'))).toMatch(/^csv-encoding: .*UTF-16 without/)
    expect(await codeOf(Buffer.from(TEXT, 'latin1'))).toMatch(/^csv-encoding: .*Windows-1252/)
    expect(await codeOf(Buffer.from(`\ufeff${TEXT}`, 'utf16le').subarray(0, -1))).toMatch(/^csv-encoding: .*utf-16le/)
    expect(await codeOf('a,b\n1,"2\n3,4\n')).toMatch(/^csv-line: line 2: .*not closed/)
    expect(await codeOf(`a,b\n1,${'2'.repeat(70_000)}\n`)).toMatch(/^csv-line: line 2: .*longer/)
    expect(await codeOf(TEXT, 'a.csv.gz')).toMatch(/^file: /)
    expect(await rowsOf('a,b\n"1"x,2\n3,4\n')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', '2'], fault: 'something stands after a closing quotation mark' },
      { line: 3, cells: ['3', '4'] },
    ])
    expect(await cellsOf('')).toEqual([])
  })

  test('any text in quotation marks is read as it was written', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 8 }).map(text => text.replace(/[\ud800-\udfff]/g, ''))
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(',', ';', '\t'), async (list, delimiter) => {
        const text = list.map(cells => cells.map(quoted).join(delimiter)).join('\n')
        const kept = list.filter(cells => cells.some(one => one.trim() !== ''))
        expect(await cellsOf(`\ufeff${text}`, 'a.csv', delimiter)).toEqual(kept)
      }),
      { numRuns: runs(60, 20) },
    )
  })
})
