import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger } from '../../src/operations/open-ledger.ts'

test.each(['archive/0', 'totals/0'])('a start that %s keeps from it leaves nothing open', async name => {
  const root = await mkdtemp(join(tmpdir(), 'tally-open-'))
  const data = join(root, 'data')
  const open = () => openLedger({ data, origin: 'open.example', onFailure: () => {} })
  try {
    await (await open()).log.close()
    const path = join(data, name)
    const before = await readFile(path).catch(() => undefined)
    await writeFile(path, Uint8Array.of(0xff, 0x0a))
    await expect(open()).rejects.toMatchObject({ code: 'utf8' })
    await (before === undefined ? rm(path) : writeFile(path, before))
    await (await open()).log.close()
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
