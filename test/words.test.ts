import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const COLUMNS = 120

/** Words that a reader whose English is second-hand stumbles over, and what is written instead. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bwhoever\b/i, 'anyone who, or the party by its name'],
  [/\bwhosoever\b/i, 'anyone who'],
  [/\banew\b/i, 'again'],
  [/\bthereof\b/i, 'of it'],
  [/\blest\b/i, 'so that … not'],
  [/\bwhat is what\b/i, 'the noun'],
  [/\bas it were\b/i, 'nothing'],
  [/\b(?:who|what) is who\b/i, 'the names'],
  [/\bcome to nothing\b|\bcomes? what may\b/i, 'the verb'],
]

const TEXTS = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter(path => path !== '' && path !== 'test/words.test.ts')
  .map(path => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n') }))

/** *Behind* where it means *after*, or the details of a commitment. A proxy stands behind another; a clock is behind. */
const AFTER =
  /\bone behind (?:the other|another)\b|\b(?:right|goes on|begins?|ends?|stands?) behind (?!a (?:proxy|front)|others\b)|\bbehind (?:its|the|a|their|those) commitments?\b/i
/** Their words are made into files, or into names of files. */
const MADE = /^test\/(?:lies\/make|mutants\/list|ledger\/plays)\//

/** A line of Markdown that cannot be broken: a row of a table, code in a fence, or one with nothing to break at. */
function isProse(line: string, isFenced: boolean): boolean {
  return !isFenced && !line.trimStart().startsWith('|') && line.trim().includes(' ') && !/\]\([^)]{60,}\)/.test(line)
}

function longProse(lines: readonly string[]): number[] {
  const long: number[] = []
  let isFenced = false
  lines.forEach((line, i) => {
    if (line.trimStart().startsWith('```')) isFenced = !isFenced
    else if ([...line].length > COLUMNS && isProse(line, isFenced)) long.push(i + 1)
  })
  return long
}

/** Comments only: code is broken by the formatter, which leaves a string as long as it is. */
function longComments(lines: readonly string[]): number[] {
  return lines.flatMap((line, i) =>
    [...line].length > COLUMNS && /^\s*(\/\/|\/\*\*|\*) /.test(line) && !line.includes('://') ? [i + 1] : [],
  )
}

/** The title of a test, or of a group of them; before it may stand the table of `test.each`, or a condition. */
const TITLE = /^ *(?:test|it|describe)\b[^\n]*?\(\s*(['"`])((?:\\.|(?!\1).)*)\1|^ {2,}\]?\)+\((['"`])(.*?)\3/gms
/** A title says who does what: it begins with a noun or, after the noun of its group, with a verb. */
const RIDDLE = /^(?:what|who|that|where|whatever|whether)\b/

describe('the words of code and pages', () => {
  test('there are texts to look at', () => expect(TEXTS.length).toBeGreaterThan(300))

  test.each(BANNED)('%s is written as: %s', word => {
    const found = TEXTS.flatMap(({ path, lines }) =>
      lines.flatMap((line, i) => (word.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })

  test('after is not written as behind', () => {
    const found = TEXTS.filter(({ path }) => !MADE.test(path)).flatMap(({ path, lines }) =>
      lines.flatMap((line, i) => (AFTER.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })

  test('titles of tests begin with a noun or a verb', () => {
    const titles = TEXTS.filter(({ path }) => path.endsWith('.test.ts')).flatMap(({ path, lines }) =>
      [...lines.join('\n').matchAll(TITLE)].map(([, , plain, , ofTable]) => ({ path, title: plain ?? ofTable! })),
    )
    expect(titles.length).toBeGreaterThan(1200)
    expect(titles.filter(({ title }) => RIDDLE.test(title))).toEqual([])
  })

  test(`comments and prose keep to ${COLUMNS} columns`, () => {
    const long = TEXTS.flatMap(({ path, lines }) =>
      (path.endsWith('.md') ? longProse(lines) : longComments(lines)).map(line => `${path}:${line}`),
    )
    expect(long).toEqual([])
  })
})
