import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokenPromise } from '../../../src/verify/evidence/broken-promise.ts'

const SPEC = readFileSync(join(import.meta.dirname, '../../../SPEC.md'), 'utf8')
const section = (n: number) => SPEC.split(`\n## ${n}. `)[1]!.split('\n## ')[0]!
const codesOf = (text: string) =>
  [...text.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([a-z-]+)`/g)].map(m => m[1]!))

/** Codes that say that something is missing, of evidence or of a statement in pages: then nobody is accused. */
const ACCUSES_NOBODY = new Set(['format', 'not-proven', 'needs-replay', 'needs-observer', 'pages-missing'])

describe('the words of a failed check, for an outsider', () => {
  const failing = section(12).split('_Evidence that does not hold')[1]!.split('_The caller')[0]!
  const codes = [...new Set([...codesOf(section(10)), ...codesOf(failing)])].filter(code => !ACCUSES_NOBODY.has(code))

  test('says for every code which promise was broken, and what that means', () => {
    expect(codes.length).toBeGreaterThan(45)
    for (const code of codes) {
      const word = brokenPromise(code)
      expect(word, code).toBeDefined()
      for (const text of [word!.promise, word!.means]) expect(text, code).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('in words that say nothing of how it is done', () => {
    for (const code of codes)
      expect(Object.values(brokenPromise(code)!).join(' '), code).not.toMatch(
        /\b(?:hash|root|leaf|Merkle|proof|CBOR|tree|encod|parse|verif(?:y|ier)|null|undefined)/i,
      )
  })

  test('and nothing where nobody broke a promise', () => {
    for (const code of ['cbor', 'not-proven', 'needs-replay', 'file', 'toString'])
      expect(brokenPromise(code)).toBeUndefined()
  })
})
