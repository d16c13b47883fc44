import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

// The documents for people name files, commands and figures. Files and commands exist; figures are those measured.

const ROOT = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

/** The paths that a document names as code, such as `src/log/log.ts`, and as targets of its links. */
function pathsIn(document: string): string[] {
  const text = textOf(document)
  const code = [...text.matchAll(/`((?:src|test|cli|bench|docs|deploy|examples|build)\/[\w./-]+)`/g)].map(
    hit => hit[1]!,
  )
  const links = [...text.matchAll(/\]\(([^):#\s]+)(?:#[^)]*)?\)/g)].map(hit => join(dirname(document), hit[1]!))
  return [...code, ...links].filter(
    path => !/[A-Z]{4}/.test(path) || /\b(?:README|CHANGELOG|CONTRIBUTING|SECURITY|DIARY|LICENSE|SPEC)\b/.test(path),
  )
}

describe('documents for people', () => {
  test.each(DOCUMENTS)('%s names files and commands that exist', document => {
    expect(pathsIn(document).filter(path => !existsSync(join(ROOT, path)))).toEqual([])
    const commands = [...textOf(document).matchAll(/npm run ([a-z:]+)/g)].map(hit => hit[1]!)
    expect(commands.filter(command => scripts[command] === undefined)).toEqual([])
  })

  test('README lists every room, and no other', () => {
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    const listed = [...textOf('README.md').matchAll(/^src\/(\w+)\/ /gm)].map(hit => hit[1])
    expect(listed.sort()).toEqual(rooms.map(({ name }) => name).sort())
  })

  test('every room opens with a paragraph and an example', () => {
    for (const room of readdirSync(join(ROOT, 'src'))) {
      const path = `src/${room}/index.ts`
      if (!existsSync(join(ROOT, path))) continue
      const [opening = ''] = /^\/\*\*[\s\S]*?\*\//.exec(textOf(path)) ?? []
      expect(opening, path).toMatch(/^\/\*\*\n \* [A-Z ]+\. [A-Z]/)
      expect(opening, path).toMatch(/@example|```ts/)
    }
  })

  test('README has the figures of bench/results.json', () => {
    const results = JSON.parse(textOf('bench/results.json')) as Record<string, Record<string, number>>
    const table = textOf('README.md').split('## How fast')[1]!.split('\n## ')[0]!
    const of = (question: string, figure: string) => results[question]![figure]!
    const rounded = (value: number, digits: number) =>
      Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 2 })
    for (const figure of [
      `${rounded(of('ingest', 'httpBatchTxPerSecond'), 3)} tx/s`,
      `${rounded(of('ingest', 'httpSingleTxPerSecond'), 3)} tx/s`,
      `${rounded(of('audit', 'txPerSecond'), 3)} tx/s`,
      `${rounded(of('recovery', 'seconds'), 2)} s`,
      `${rounded(of('growth', 'ratio'), 2)} of the speed`,
      `${rounded(of('seal', 'milliseconds'), 2)} ms`,
      `${rounded(of('disk', 'bytesPerTx'), 3)} bytes a transaction`,
      `${rounded(of('memory', 'bytesPerAccount'), 3)} bytes an account`,
      `${rounded(of('statement', 'bytes') / 1000, 2)} kB`,
      `${rounded(of('verify', 'browserMs'), 2)} ms`,
      `${rounded(of('statement', 'p50Ms'), 2)} ms`,
      `${rounded(of('statement', 'p99Ms'), 2)} ms`,
    ])
      expect(table).toContain(figure)
  })

  test('README has no more lies than the corpus, and not far fewer', () => {
    const said = Number(/more than ([\d,]+) such lies/.exec(textOf('README.md'))![1]!.replace(',', ''))
    const files = readdirSync(join(ROOT, 'test/lies'), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.json'))
      .map(path => JSON.parse(textOf(`test/lies/${path}`)) as { expect: string })
    const lies = files.filter(file => file.expect !== 'holds').length
    expect(said).toBeLessThan(lies)
    expect(said).toBeGreaterThan(lies - 300)
  })
})
