import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEntry, type SigningKey, signBatch } from '../../src/client/index.ts'
import { equalBytes, toHex } from '../../src/core/bytes.ts'
import { publicKeyFromSeed } from '../../src/core/crypto/ed25519.ts'
import { transactionsFrom } from '../../src/core/entry/batch.ts'
import { FolderObjects } from '../../src/files/folder-objects.ts'
import { keyPath, readKey } from '../../src/files/key-files.ts'
import type { TallyLog } from '../../src/log/index.ts'
import { backUp, backUpStopped, restore } from '../../src/operations/index.ts'
import { type OpenedLedger, openLedger } from '../../src/operations/open-ledger.ts'
import { S3Server } from '../files/s3-server.ts'

const MEMBER = 3

describe('a backup', () => {
  let root: string
  let data: string
  let folder: string
  let keys: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tally-backup-'))
    data = join(root, 'data')
    folder = join(root, 'backup')
    keys = join(data, 'keys')
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  const open = (where = data) => openLedger({ data: where, origin: 'backup.example', onFailure: () => {} })
  const keyOf = async (log: TallyLog, name: string): Promise<SigningKey> => {
    const { seed } = await readKey(keyPath(data, name))
    const { registry } = log.ledger.state
    const publicKey = publicKeyFromSeed(seed)
    const record = registry.records.findIndex(({ number }) => equalBytes(registry.key(number)?.key ?? seed, publicKey))
    return { holder: { record }, seed }
  }
  const submit = async (log: TallyLog, by: string, entries: readonly Uint8Array[]) => {
    const transactions = transactionsFrom(entries)
    const signatures = signBatch([await keyOf(log, by)], log.ledger.state.ledgerId!, transactions)
    await log.submit({ signatures, transactions })
    await log.publisher.publish()
  }
  const issues = (count: number) =>
    Array.from({ length: count }, () => makeEntry('issue', { debit: 1, credit: MEMBER, amount: 1 }))
  const running = ({ log, store }: OpenedLedger) => ({ store, checkpoint: log.publisher.published!.checkpoint })
  const state = ({ log }: OpenedLedger) => ({
    size: log.size,
    balance: log.ledger.state.accounts.balance(MEMBER),
    root: toHex(log.publisher.published!.root),
  })

  test('of a ledger that runs takes what is new, and what was erased goes', async () => {
    const ledger = await open()
    const { log } = ledger
    const { record: unit } = log.ledger.state.registry.units[0]!
    const opening = makeEntry('open-account', {
      ...{ accountKind: 'member', unit, terms: log.ledger.state.registry.records[unit]!.body },
      ...{ owner: publicKeyFromSeed(new Uint8Array(32).fill(7)), nonce: new Uint8Array(32) },
    })
    await submit(log, 'registrar', [opening])
    await submit(log, 'issuer', issues(700))
    const kept = await log.details.put({ account: MEMBER, salt: new Uint8Array(32).fill(1), text: 'order 1' })
    await log.details.put({ account: MEMBER, salt: new Uint8Array(32).fill(2), text: 'order 2' })
    const first = await backUp(running(ledger), { data, folder })
    expect(first).toMatchObject({ size: log.publisher.published!.size, details: 2, erased: 0 })
    expect(first.entries).toBe(first.size)
    const whole = join(folder, 'tile/entries/000')
    const before = (await stat(whole)).mtimeMs
    await submit(log, 'issuer', issues(10))
    await log.details.erase(MEMBER, kept as Uint8Array)
    await log.publisher.publish()
    const second = await backUp(running(ledger), { data, folder })
    expect(second).toMatchObject({ size: log.size, entries: log.size - first.size, details: 0, erased: 1 })
    expect((await stat(whole)).mtimeMs).toBe(before)
    // One part of the last bundle, and no keys.
    expect(await readdir(join(folder, 'tile/entries/002.p'))).toHaveLength(1)
    expect(await readdir(folder)).not.toContain('keys')
    await log.close()
    expect(await backUpStopped({ data, folder })).toMatchObject({ entries: 0, details: 0, erased: 0 })
  })

  test('is restored to the same ledger, which goes on', async () => {
    const made = join(root, 'restored')
    const { left, report } = await restore({ folder, data: made, keys })
    expect([left, report.faults, report.details]).toEqual([0, [], 1])
    const [was, is] = [await open(), await open(made)]
    try {
      expect(state(is)).toEqual(state(was))
      await submit(is.log, 'issuer', issues(1))
      expect(is.log.ledger.state.accounts.balance(MEMBER)).toBe(711)
    } finally {
      await Promise.all([was.log.close(), is.log.close()])
    }
  })

  test('is restored as it was at a checkpoint, and at nothing else', async () => {
    const ledger = await open()
    const seals: number[] = []
    for (let i = 0; i < ledger.log.size; i++) if ((await ledger.log.readEntry(i))[0] === 3) seals.push(i)
    await ledger.log.close()
    const at = seals.at(-3)! + 1
    const { size, left } = await restore({ folder, data: join(root, 'then'), keys, at })
    expect([size, left > 0]).toEqual([at, true])
    await expect(restore({ folder, data: join(root, 'x'), keys, at: at - 1 })).rejects.toMatchObject({ code: 'backup' })
    await expect(restore({ folder, data: join(root, 'x'), keys, at: 1e6 })).rejects.toMatchObject({ code: 'backup' })
    await expect(restore({ folder, data, keys })).rejects.toMatchObject({ code: 'data' })
    await expect(restore({ folder, data: join(root, 'x') })).rejects.toMatchObject({ code: 'backup' })
  })

  test('of another ledger, or of more of this one, is not written over', async () => {
    const other = await openLedger({ data: join(root, 'other'), origin: 'other.example', onFailure: () => {} })
    await expect(backUp(running(other), { data, folder })).rejects.toMatchObject({ code: 'backup' })
    await other.log.close()
    await expect(backUpStopped({ data: join(root, 'then'), folder })).rejects.toMatchObject({ code: 'backup' })
  })

  test('a damaged one makes no ledger', async () => {
    const bundle = join(folder, 'tile/entries/001')
    const bytes = await readFile(bundle)
    const damaged = Buffer.from(bytes)
    damaged[damaged.length - 9]! ^= 1
    await writeFile(bundle, damaged)
    const { report } = await restore({ folder, data: join(root, 'damaged'), keys })
    expect(report.faults.length).toBeGreaterThan(0)
    expect(await readdir(root)).not.toContain('damaged')
    await writeFile(bundle, bytes)
  })

  test('one that was cut off says how much is whole, and the next goes on', async () => {
    const cut = join(root, 'cut')
    const ledger = await open()
    let steps = 0
    const stop = () => {
      if (++steps === 2) throw new Error('cut off')
    }
    await expect(backUp(running(ledger), { data, folder: cut, onProgress: stop })).rejects.toThrow('cut off')
    expect(await readdir(cut)).not.toContain('backup.json')
    await backUp(running(ledger), { data, folder: cut, hasKeys: true })
    await ledger.log.close()
    expect((await stat(join(cut, 'keys'))).mode & 0o777).toBe(0o700)
    expect((await restore({ folder: cut, data: join(root, 'again') })).report.faults).toEqual([])
  })

  test('in a bucket is as good as in a folder, but takes no keys', async context => {
    const server = await S3Server.start()
    if (server === undefined) return context.skip('moto_server is not at hand')
    try {
      const place = await server.bucket('backups')
      await expect(backUpStopped({ data, folder: place, hasKeys: true })).rejects.toThrow('not copied to a bucket')
      const done = await backUpStopped({ data, folder: place })
      expect(await backUpStopped({ data, folder: place })).toEqual({ ...done, entries: 0, details: 0, erased: 0 })
      const restored = join(root, 'from-bucket')
      const { size, report } = await restore({ folder: place, data: restored, keys })
      expect([size, report.faults]).toEqual([done.size, []])
      const [there, here] = [new FolderObjects(restored), new FolderObjects(data)]
      for (const folder of ['archive', 'rules', 'totals'])
        expect((await there.list(folder)).sort()).toEqual((await here.list(folder)).sort())
    } finally {
      await server.stop()
    }
  })
})
