import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Members, and the heap in MiB that is enough for them: with their counters in a map beside it, it is not. */
const [MEMBERS, HEAP_MIB] = [30_000, 24]

test('counters of ever more members take no more memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-issuing-'))
  try {
    const child = join(import.meta.dirname, 'members-child.ts')
    const args = [`--max-old-space-size=${HEAP_MIB}`, child, folder, String(MEMBERS)]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('[1,1]')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
