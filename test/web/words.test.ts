import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { BATCH_REFUSALS, OUTCOMES } from '../../src/core/entry/outcome.ts'
import { KINDS } from '../../src/core/entry/transaction-forms.ts'
import { brokenPromise } from '../../src/verify/evidence/broken-promise.ts'
import { CONVICTING } from '../../src/verify/evidence/convict.ts'
import { readyWords } from '../../src/web/shell/both.ts'
import { hasHead, headOf } from '../../src/web/words/codes.ts'
import { KIND_WORDS } from '../../src/web/words/kinds.ts'
import { outcomeWords, refusalWords } from '../../src/web/words/outcomes.ts'
import { promiseOf } from '../../src/web/words/promises.ts'
import type { Lie } from '../lies/lie.ts'
import { fileOf, filesThere } from '../lies/make/make.ts'

const SHOWN: ReadonlySet<string> = new Set(['statement', 'receipt', 'promise', 'refusal', 'totals', 'evidence'])
const HAN = /\p{Script=Han}/u

/** The codes that a file of a kind which a page reads ends in, in the corpus. */
async function codesOfCorpus(): Promise<Set<string>> {
  const codes = new Set<string>()
  for (const path of await filesThere()) {
    const { verifier, expect } = JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie
    if (SHOWN.has(verifier) && expect !== 'holds') codes.add(expect)
  }
  return codes
}

/** Codes for bytes that are not of their form, SPEC §12: one sentence is for all of them. */
async function malformedCodes(): Promise<Set<string>> {
  const spec = await readFile(new URL('../../SPEC.md', import.meta.url), 'utf8')
  const [, rows] = /_Bytes that are not of their form[^\n]*\n([\s\S]*?)\n\| _/.exec(spec)!
  return new Set([...rows!.matchAll(/`([a-z0-9-]+)`/g)].map(([, code]) => code!))
}

describe('the words of the pages', () => {
  beforeAll(() => readyWords('zh'))

  test('each code that a file can end in has its sentence in both languages', async () => {
    const malformed = await malformedCodes()
    const codes = [...(await codesOfCorpus())]
    expect(codes.length).toBeGreaterThan(50)
    expect(codes.filter(code => !hasHead(code) && !malformed.has(code))).toEqual([])
    for (const code of codes) expect(headOf(code, 'zh'), code).toMatch(HAN)
  })

  test('each promise that can be broken stands in both languages', async () => {
    const codes = [...(await codesOfCorpus()), ...CONVICTING].filter(code => brokenPromise(code) !== undefined)
    expect(codes.length).toBeGreaterThan(50)
    for (const code of codes) {
      expect(promiseOf(code, 'en')).toEqual(brokenPromise(code))
      expect(promiseOf(code, 'zh')!.promise, code).toMatch(HAN)
      expect(promiseOf(code, 'zh')!.means, code).toMatch(HAN)
    }
  })

  test('each outcome has its words in both languages, and none speaks of commands', () => {
    for (const outcome of OUTCOMES.filter(one => one !== 'accepted')) {
      expect(outcomeWords(outcome, 'zh'), outcome).toMatch(HAN)
      expect(outcomeWords(outcome, 'en'), outcome).not.toMatch(/tally [a-z]/)
    }
    for (const code of BATCH_REFUSALS) expect(refusalWords(code, 'zh')).toMatch(HAN)
    for (const kind of KINDS) expect(KIND_WORDS.zh[kind]).toMatch(HAN)
  })
})
