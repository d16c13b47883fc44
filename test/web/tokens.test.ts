import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CSS = readFileSync(join(import.meta.dirname, '../../src/web/shell/tokens.css'), 'utf8')

/** The tokens of a rule, by its selector. */
function tokensOf(selector: string): Record<string, string> {
  const body = CSS.split(`${selector} {`)[1]!.split('}')[0]!
  return Object.fromEntries([...body.matchAll(/(--[a-z0-9-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]))
}

test('dark is the same by the wish of the system and by the switch, and names no token that light has not', () => {
  const wished = tokensOf(':root:not([data-theme="light"])')
  expect(Object.keys(wished).length).toBeGreaterThan(20)
  expect(tokensOf(':root[data-theme="dark"]')).toEqual(wished)
  const light = tokensOf(':root')
  for (const name of Object.keys(wished)) expect(light, name).toHaveProperty(name)
})
