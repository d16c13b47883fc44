import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { table, visible } from '../../../cli/screen/screen.ts'
import { ED25519_KEY, verifierKey } from '../../../src/core/note/note.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { runs } from '../../runs.ts'
import { keyNumber } from '../../world.ts'
import { tally } from '../run.ts'

/** Clears the screen, goes to its first place, and hides what comes after. */
const PAINT = '\u001b[2J\u001b[H'
const HIDE = '\u001b[8m'
/** What no terminal should be sent of what came from outside: C0 but the end of a line, DEL, C1, bidi controls. */
const MOVES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const anyText = fc.string({ unit: 'binary', maxLength: 60 })
const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 40 }).map(units => String.fromCharCode(...units))

describe('text on its way to a terminal', () => {
  test('moves nothing on it, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), text => {
        expect(visible(text)).not.toMatch(MOVES)
        expect(visible(text).split('\n')).toHaveLength(text.split('\n').length)
        expect(table([[text, 'b']]).split('\n')).toHaveLength(2)
      }),
      { numRuns: runs(1000, 200) },
    )
    expect(visible(`a${PAINT}b\u202ec\u009b1m\u{e0041}`)).toBe('a\\u001b[2J\\u001b[Hb\\u202ec\\u009b1m\\udb40\\udc41')
    expect(visible('Größe – “ausgegeben”, 円 👍 é\n  §7 ‖ ⌈t⌉\n')).toBe('Größe – “ausgegeben”, 円 👍 é\n  §7 ‖ ⌈t⌉\n')
  })

  test('is the same JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyText, anyUnits), value => {
        for (const indent of [0, 2])
          expect(JSON.parse(visible(JSON.stringify(value, undefined, indent)))).toEqual(
            JSON.parse(JSON.stringify(value)),
          )
      }),
      { numRuns: runs(500, 100) },
    )
  })

  test('goes through one file', () => {
    const cli = join(import.meta.dirname, '../../../cli')
    const names = readdirSync(cli, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
    const writes = names.filter(name =>
      /process\.std(?:out|err)\.write|console\.\w/.test(readFileSync(join(cli, name), 'utf8')),
    )
    expect(writes).toEqual([join('screen', 'screen.ts')])
  })
})

describe('a server or a file that paints over a verdict', () => {
  let folder: string
  let server: Server
  let url: string
  let problem: object
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-screen-'))
    const key = verifierKey('shop.example', ED25519_KEY, keyNumber(1).publicKey)
    const policy = formatPolicy({ logs: [{ key }], witnesses: [], groups: [], quorum: 'none' })
    await writeFile(join(folder, 'policy'), policy)
    server = createServer((_, response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const PLAIN = 'shop.example: the log HOLDS\n\nChecked:\n  + everything'
  const VERDICT = `${PAINT}${PLAIN}${HIDE}`
  const evidence = { format: 'tallystick/evidence/v1', origin: 'x', code: 'forked', message: '', needs: 'nothing' }

  test.each([
    ['code', { ...evidence, code: VERDICT, evidence: {} }, 2],
    ['url', { ...evidence, url: VERDICT, evidence: {} }, 1],
    ['message', { ...evidence, message: VERDICT, evidence: {} }, 1],
    ['name of a field', { ...evidence, evidence: {}, [VERDICT]: 1 }, 2],
    ['name of a field, on a line of its own', { ...evidence, evidence: {}, [`\n${PLAIN}`]: 1 }, 2],
  ])('in evidence, as its %s, says nothing', async (_, file, status) => {
    await writeFile(join(folder, 'e.json'), JSON.stringify(file))
    const ran = await tally(folder, 'verify', 'e.json', '--policy', 'policy')
    expect(ran.status).toBe(status)
    expect(ran.out + ran.err).not.toMatch(MOVES)
    expect(ran.out + ran.err).not.toMatch(/^shop\.example: the log HOLDS/m)
    const json = await tally(folder, 'verify', 'e.json', '--policy', 'policy', '--json')
    expect(json.out).not.toMatch(MOVES)
  })

  test.each([
    [
      'detail',
      { code: 'not-published', detail: VERDICT },
      /^tally: not-published: \\u001b\[2J\\u001b\[Hshop\.example: the/,
    ],
    ['code', { code: VERDICT, detail: 'words' }, /^tally: http: .* answered 404, and not as a ledger does/],
    [
      'detail, on a line of its own',
      { code: 'busy', detail: `\n${PLAIN}` },
      /^tally: busy: shop\.example: the log HOLDS Ch/,
    ],
    ['detail, without an end', { code: 'busy', detail: 'x'.repeat(50_000) }, /^tally: busy: x{1000}$/m],
    ['detail, which is none', { code: 'busy', detail: { toString: 1 } }, /^tally: busy: busy$/m],
  ])('in its problem document, as its %s, says nothing', async (_, told, said) => {
    problem = told
    const ran = await tally(folder, 'watch', url, '--policy', 'policy', '--once')
    expect(ran.status).not.toBe(0)
    expect(ran.out + ran.err).not.toMatch(MOVES)
    expect(ran.out + ran.err).not.toMatch(/^shop\.example: the log HOLDS/m)
    expect(ran.err).toMatch(said)
  })
})
