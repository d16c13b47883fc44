import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toHex } from '../src/core/bytes.ts'
import { OUTCOMES } from '../src/core/entry/outcome.ts'
import { ACCOUNT_KINDS, KINDS, ROLES } from '../src/core/entry/transaction.ts'
import * as limits from '../src/core/limits.ts'
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from '../src/core/note/note.ts'
import { POLICY_BYTES_MAX, POLICY_NAMES_MAX } from '../src/core/note/policy.ts'
import { TILE_LEVEL_MAX } from '../src/core/tree/tile.ts'
import { lotOf, RETAIL_RULE, RETAIL_RULE_TEXT, TAOBAO_RULE, TAOBAO_RULE_TEXT } from '../src/programmes/index.ts'
import { CARD_BYTES_MAX, OWNERS_MAX } from '../src/verify/card.ts'
import { EVIDENCE_BYTES_MAX, SHOWN_DETAILS_MAX } from '../src/verify/evidence/evidence-file.ts'
import { RECEIPT_BYTES_MAX } from '../src/verify/receipt.ts'
import { hash } from './lies/make/shop.ts'
import { withVectors } from './vectors.ts'

const ROOT = join(import.meta.dirname, '..')
const SPEC = readFileSync(join(ROOT, 'SPEC.md'), 'utf8')

/** Every source file below the folders, with its text. */
function sources(...folders: readonly string[]): { path: string; text: string }[] {
  return folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts'))
      .map(path => ({ path: join(folder, path), text: readFileSync(join(ROOT, folder, path), 'utf8') })),
  )
}

/** The text of SPEC §n. */
function section(n: number): string {
  const start = SPEC.indexOf(`\n## ${n}. `)
  const end = SPEC.indexOf(`\n## ${n + 1}. `)
  expect(start, `SPEC §${n}`).toBeGreaterThan(0)
  return SPEC.slice(start, end < 0 ? undefined : end)
}

/** The rows of the tables in a text, each a list of its cells. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter(line => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
}

/** The words in backticks of a text. */
function codes(text: string): string[] {
  return [...text.matchAll(/`([a-z0-9-]+)`/g)].map(match => match[1]!)
}

describe('SPEC.md is what the code does', () => {
  test('the vectors are those that the code makes', async () => {
    expect(await withVectors(SPEC)).toBe(SPEC)
  })

  test('every section that the code cites exists, and is linked from the contents', () => {
    const cited = new Map<string, string>()
    for (const { path, text } of sources('src', 'cli', 'test', 'bench'))
      for (const [, n] of text.matchAll(/SPEC §([0-9]+)/g)) cited.set(n!, path)
    expect(cited.size).toBeGreaterThan(8)
    for (const [n, path] of cited) expect(SPEC, `§${n}, cited in ${path}`).toMatch(new RegExp(`^## ${n}\\. `, 'm'))
    for (const [, title, anchor] of SPEC.matchAll(/\[§[0-9]+ ([^\]]+)\]\(#([^)]+)\)/g))
      expect(SPEC).toContain(`\n## ${anchor!.split('-')[0]}. ${title}\n`)
  })

  test('the outcomes are listed with their numbers, in the order of the guards', () => {
    const listed = rows(section(8)).filter(([status]) => /^[0-9]+$/.test(status!))
    expect(listed.map(([status, outcome]) => [Number(status), codes(outcome!)[0]])).toEqual([...OUTCOMES.entries()])
  })

  test('the kinds, roles and account kinds have their numbers', () => {
    const cddl = section(5)
    KINDS.forEach((kind, n) => {
      expect(cddl).toMatch(new RegExp(`^${kind} += \\[${n}, id`, 'm'))
    })
    const numbers = (name: string) => new RegExp(`^${name} += ([0-9 /]+) +;`, 'm').exec(cddl)?.[1]?.match(/[0-9]+/g)
    expect(numbers('role')).toEqual(Object.values(ROLES).map(String))
    expect(numbers('kind')).toEqual(Object.values(ACCOUNT_KINDS).map(String))
  })

  test('the published rules stand in it, with their digests and numbers', () => {
    const text = section(11)
    for (const [name, rule] of Object.entries({ 'behaviour-v1': TAOBAO_RULE_TEXT, 'purchase-v1': RETAIL_RULE_TEXT }))
      expect(text).toContain(
        `- \`${name}\`, digest \`${toHex(hash(rule))}\`, is the text\n\n  \`\`\`\n  ${rule}\n  \`\`\`\n`,
      )
    const { maturesAfterDays, expiresAfterDays } = RETAIL_RULE
    const quarters = (hours: number) => 4 * (1 + hours)
    expect(lotOf(1)).toEqual({
      matures: quarters(24 * maturesAfterDays),
      expires: quarters(24 * expiresAfterDays),
    })
    expect([24 * maturesAfterDays, 24 * expiresAfterDays]).toEqual([336, 2160])
    expect(TAOBAO_RULE).toMatchObject({ viewPointsPerMemberAndDayMax: 40, dayStartsAtUtcOffsetHours: 28_800 / 3600 })
  })

  test('the limits are listed with their values, and there are no others', () => {
    const listed = rows(section(13)).slice(1)
    expect(Object.fromEntries(listed.map(([name, value]) => [name!.replaceAll('`', ''), Number(value)]))).toEqual({
      ...limits,
      ...{ NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, TILE_LEVEL_MAX, POLICY_BYTES_MAX, POLICY_NAMES_MAX },
      ...{ CARD_BYTES_MAX, OWNERS_MAX, RECEIPT_BYTES_MAX, EVIDENCE_BYTES_MAX, SHOWN_DETAILS_MAX },
    })
    for (const [name, , why] of listed) expect(why, name).not.toBe('')
  })

  test('every error code that the code has is listed, and no other', () => {
    const used = new Set<string>(OUTCOMES)
    const patterns = [
      /(?:(?:Format|Verify|Http|Refused|Busy|Held|Fatal|Witness|Archive|Webhook|Store|Usage|Outcome|Client|Pointer|Row|Signer)Error|FaultAt)\(\s*(?:[0-9]+,\s*)?'([a-z0-9-]+)'/g,
      /\bcheck\([^;]*?,\s*'([a-z-]+)',\s*[`'Sa-z]/g,
      /\bverify(?:Entry|ListPath)\([^;]*?'([a-z]+-proof)'/g,
      /#fault\(\s*'([a-z-]+)'/g,
      /\breturn '((?:signer|batch)-[a-z]+)'/g,
      /#refuse\(turn, '([a-z-]+)'/g,
      /\bsend\(reply, [0-9]+, '([a-z-]+)'/g,
      /^ {2}'([a-z-]+)': \[4[0-9]{2}, /gm,
      /\bcode: '([a-z-]+)'/g,
      /'(store-[a-z]+)'/g,
      /\bnew At\([^)]*?'([a-z-]+)'\)/g,
    ]
    // A gateway is another server: its codes are in docs/gateway.md.
    for (const { text } of sources('src', 'cli').filter(({ path }) => !path.startsWith(join('src', 'gateway'))))
      for (const pattern of patterns) for (const match of text.matchAll(pattern)) used.add(match[1]!)
    const listed = new Set([
      ...rows(section(12)).flatMap(([first]) => (first!.startsWith('_') ? [] : codes(first!))),
      ...rows(section(10)).flatMap(([first]) => codes(first!)),
      ...rows(section(7).split('**Then**')[0]!).flatMap(([first]) => codes(first!)),
      ...OUTCOMES,
    ])
    listed.delete('format')
    expect([...listed].sort()).toEqual([...used].sort())
  })
})
