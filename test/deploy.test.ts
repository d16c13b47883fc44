import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LedgerMetrics } from '../src/operations/index.ts'
import { World } from './world.ts'

// deploy/ and docs/operate.md name metrics, options and codes. This holds them to what there is.

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

describe('the files for operators', () => {
  let world: World
  let text: string
  beforeAll(async () => {
    world = await World.create()
    const metrics = new LedgerMetrics(world.log, async () => 1)
    metrics.answered('GET', '/checkpoint', 200, 0.001)
    text = await metrics.text()
  })
  afterAll(() => world.destroy())

  test.each(['deploy/alerts.yml', 'deploy/dashboard.json', 'docs/operate.md'])('%s names metrics that exist', path => {
    const watched = read('cli/screen/show-watch.ts')
    const names = new Set([...read(path).matchAll(/\b(?:tally|process|nodejs)_[a-z0-9_]+\b/g)].map(String))
    expect(names.size).toBeGreaterThan(2)
    for (const name of names) {
      if (name.startsWith('tally_watch_')) expect(watched, name).toContain(name.slice('tally_watch_'.length))
      else expect(text, name).toMatch(new RegExp(`^# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `, 'm'))
    }
  })

  test('docs/operate.md names commands, options and codes that exist', () => {
    const page = read('docs/operate.md')
    const sources = readdirSync(join(ROOT, 'cli'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => read(join('cli', name)))
      .join('\n')
    for (const [, option] of page.matchAll(/tally [a-z][^\n`]*? --([a-z][a-z-]+)/g))
      expect(sources).toContain(`--${option}`)
    const codes = [...page.matchAll(/^\| `([a-z][a-z-]+)` \|/gm)].map(([, code]) => code!)
    expect(codes.length).toBeGreaterThan(5)
    for (const code of codes) expect(read('SPEC.md'), code).toContain(`\`${code}\``)
  })
})
