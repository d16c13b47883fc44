import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Served, tally } from '../run.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-check-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a ledger is read and derived again; what is damaged is named, and what is mended is said', async () => {
  await tally(folder, 'init')
  expect(await tally(folder, 'check')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/faults +0\n[\s\S]*All of it/),
  })
  await rm(join(folder, 'data/store/log/CURRENT'))
  const mended = await tally(folder, 'check', '--json')
  expect(mended.status).toBe(0)
  expect(JSON.parse(mended.out)).toMatchObject({
    faults: [],
    madeAgain: [],
    mended: [expect.stringContaining('CURRENT')],
  })
  const name = (await readdir(join(folder, 'data/store/log'))).find(one => one.endsWith('.ldb'))!
  const path = join(folder, 'data/store/log', name)
  const bytes = await readFile(path)
  // The genesis, an entry, has the name of the ledger.
  const at = bytes.indexOf('tallystick.local')
  expect(at).toBeGreaterThan(0)
  bytes[at]! ^= 1
  await writeFile(path, bytes)
  for (const command of ['check', 'init', 'check'])
    expect(await tally(folder, command)).toMatchObject({ status: 3, err: expect.stringContaining('store-corrupt') })
})

test('not while the ledger runs', async () => {
  const served = await Served.start(folder)
  try {
    expect(await tally(folder, 'check')).toMatchObject({ status: 3, err: expect.stringContaining('store-locked') })
  } finally {
    await served.end()
  }
  expect(await tally(folder, 'check')).toMatchObject({ status: 0 })
})
