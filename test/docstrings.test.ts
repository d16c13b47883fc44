import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** A name that the package exports, with the docstring above it. */
interface Public {
  readonly name: string
  readonly path: string
  readonly kind: string
  readonly docs: string | undefined
  /** From its name to the end of its body. */
  readonly code: string
}

/** What a path exports: in an index by its file, else where it stands. */
function* publicIn(index: string): Generator<Public> {
  for (const [, names, from] of textOf(index).matchAll(/^export (?!type )\{([^}]*)\} from '([^']+)'/gm)) {
    const path = normalize(join(dirname(index), from!))
    const text = textOf(path)
    for (const listed of names!.split(',').map(one => one.trim())) {
      if (listed === '' || listed.startsWith('type ')) continue
      const name = listed.split(' as ')[0]!
      const declared = new RegExp(
        `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?export (?:abstract |async )*(function|class|const)\\*? ${name}\\b`,
      ).exec(text)
      expect(declared, `${path} exports ${name}`).not.toBeNull()
      const [all, docs, kind] = declared!
      const start = declared!.index + all.length
      yield { name, path, kind: kind!, docs, code: text.slice(start, text.indexOf('\n}\n', start)) }
    }
  }
}

const { exports } = JSON.parse(textOf('package.json')) as { exports: Record<string, { default?: string }> }
const PUBLIC = Object.values(exports).flatMap(({ default: built }) =>
  built === undefined ? [] : [...publicIn(built.replace('./dist/', '').replace(/\.js$/, '.ts'))],
)

/** The parameters of a function, up to the bracket that closes them. */
function parametersOf(code: string): number {
  let [depth, commas, isEmpty] = [0, 0, true]
  for (const char of code.slice(code.indexOf('(') + 1).replaceAll('=>', '')) {
    if (depth === 0 && char === ')') break
    if ('([{<'.includes(char)) depth++
    else if (')]}>'.includes(char)) depth--
    else if (depth === 0 && char === ',') commas++
    if (char.trim() !== '') isEmpty = /,\s*$/.test(char)
  }
  return commas + (isEmpty ? 0 : 1)
}

describe('the docstrings of the names that the package exports', () => {
  test('every function and every class has one, and every constant or the one above it', () => {
    const bare = PUBLIC.filter(({ kind, docs }) => kind !== 'const' && docs === undefined)
    expect(bare.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
    expect(PUBLIC.length).toBeGreaterThan(400)
    // One of a group stands right below another, and shares what is said above the first.
    const alone = PUBLIC.filter(
      ({ kind, docs, path, name }) =>
        kind === 'const' && docs === undefined && new RegExp(`\\n\\nexport const ${name}\\b`).test(textOf(path)),
    )
    expect(alone.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
  })

  test('a function that throws says what', () => {
    const silent = PUBLIC.filter(
      ({ kind, docs, code }) => kind === 'function' && /\bthrow new\b|^ +check\(/m.test(code) && !/@throws/.test(docs!),
    )
    expect(silent.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
  })

  test('a function of four parameters or more shows a call', () => {
    const asked = PUBLIC.filter(({ kind, code }) => kind === 'function' && parametersOf(code) >= 4)
    expect(asked.length).toBeGreaterThan(15)
    expect(asked.filter(({ docs }) => !/@example/.test(docs!)).map(({ path, name }) => `${path}: ${name}`)).toEqual([])
  })
})
