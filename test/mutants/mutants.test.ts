import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'

const SRC = join(import.meta.dirname, '../../src')

test('every mistake has a place in the sources, and is one', async () => {
  expect(MUTANTS.length).toBeGreaterThan(80)
  const places = new Map<string, number>()
  for (const { file, before, after, wrong } of MUTANTS) {
    const text = await readFile(join(SRC, file), 'utf8')
    places.set(`${file}: ${wrong}`, text.split(before).length - 1)
    expect(before, wrong).not.toBe(after)
  }
  expect([...places].filter(([, count]) => count !== 1)).toEqual([])
  expect(places.size).toBe(MUTANTS.length)
})

test('the number of those that no corpus catches stands in the README of the corpus of lies', async () => {
  const readme = await readFile(join(import.meta.dirname, '../lies/README.md'), 'utf8')
  expect(readme).toContain(`Of ${MUTANTS.length} mistakes`)
})
