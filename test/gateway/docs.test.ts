import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('every code of the gateway is in docs/gateway.md', () => {
  const page = readFileSync(join(ROOT, 'docs/gateway.md'), 'utf8')
  const listed = new Set([...page.matchAll(/`([a-z0-9-]+)`/g)].map(match => match[1]!))
  const folder = join(ROOT, 'src/gateway')
  const made = /(?:GatewayError|HttpError|UsageError|conflict|missing)\(\s*(?:[0-9]+,\s*)?'([a-z0-9-]+)'/g
  const used = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .flatMap(path => [...readFileSync(join(folder, path), 'utf8').matchAll(made)].map(match => match[1]!))
  expect(used.length).toBeGreaterThan(15)
  for (const code of used) expect(listed, code).toContain(code)
})
