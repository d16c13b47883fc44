import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

// The threat model of SECURITY.md names files of the corpus with their codes, and tests. They are there.

const ROOT = join(import.meta.dirname, '..')
const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('## Threat model')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| ---') && !line.includes('| shown by |'))
  .map(line => line.split('|').map(cell => cell.trim()))

describe('the threat model', () => {
  test('has a row for each thing that must be caught', () => expect(rows.length).toBeGreaterThan(25))

  test.each(rows.map(cells => [cells[1]!, cells[3]!] as const))('%s', (_, shown) => {
    const lies = [...shown.matchAll(/`([a-z0-9-]+\/[a-z0-9-]+)` `([a-z-]+)`/g)]
    const tests = [...shown.matchAll(/test\/\S+\.test\.ts/g)].map(String)
    expect(lies.length + tests.length).toBeGreaterThan(0)
    expect(shown.replace(/`[^`]+`|test\/\S+\.test\.ts|[,\s]/g, ''), 'words that are neither').toBe('')
    for (const [, path, code] of lies) {
      const lie: { expect: string } = JSON.parse(readFileSync(join(ROOT, 'test/lies', `${path}.json`), 'utf8'))
      expect(lie.expect, path).toBe(code)
    }
    for (const path of tests) expect(existsSync(join(ROOT, path)), path).toBe(true)
  })
})
