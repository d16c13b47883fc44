import { access, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

describe('the root key of a new ledger', () => {
  let root: string
  let data: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tally-root-'))
    data = join(root, 'data')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))
  const open = (more: object = {}) => openLedger({ data, origin: 'root.example', onFailure: () => {}, ...more })

  test('is put beside the data directory, and no start makes another once it is away', async () => {
    const made = await open()
    await made.log.close()
    const path = join(root, 'data.root', 'root.json')
    expect([made.rootKey, (await stat(path)).mode & 0o777, (await stat(join(path, '..'))).mode & 0o777]).toEqual([
      path,
      0o600,
      0o700,
    ])
    await rename(path, join(root, 'safe.json'))
    const again = await open()
    await again.log.close()
    expect([again.rootKey, again.log.ledger.size]).toEqual([undefined, made.log.ledger.size])
    expect(await readdir(join(data, 'keys'))).not.toContain('root.json')
    await expect(access(path)).rejects.toThrow()
  })

  test('is put where that is said, and is found where an older version put it', async () => {
    const made = await open({ rootFolder: join(root, 'stick') })
    await made.log.close()
    expect(made.rootKey).toBe(join(root, 'stick', 'root.json'))
    const inside = join(data, 'keys', 'root.json')
    await rename(made.rootKey!, inside)
    const again = await open()
    await again.log.close()
    expect(again.rootKey).toBe(inside)
  })

  test('is asked for where a first start was cut off before all was made', async () => {
    const { log, rootKey } = await open()
    await log.close()
    await rm(rootKey!)
    for (const name of ['store', 'archive', 'totals']) await rm(join(data, name), { recursive: true, force: true })
    await expect(open()).rejects.toMatchObject({ code: 'key-missing', message: expect.stringContaining('genesis') })
  })
})
