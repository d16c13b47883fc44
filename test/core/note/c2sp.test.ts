import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../../src/client/index.ts'
import { formatVerifierKey } from '../../../src/core/note/note.ts'
import { ServedWorld } from '../../http/server.ts'
import { FIRST_MEMBER } from '../../world.ts'
import { type Fetch, readCheckpoint, readEntries, readPolicy, readProof, readTree } from './c2sp-reader.ts'

/** A partial tile; whole tiles only; whole tiles again, two of them; and 700: two whole tiles and a partial one. */
const SIZES = [100, 256, 512, 700]

describe('a reader that knows C2SP and nothing of us', () => {
  let served: ServedWorld
  let fetchTile: Fetch
  let vkey: string
  const checkpoints: Buffer[] = []

  const fetchOne = async (path: string, type: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${served.url}/${path}`, { headers })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    expect(response.headers.get('content-type')).toBe(type)
    return Buffer.from(await response.arrayBuffer())
  }

  beforeAll(async () => {
    served = await ServedWorld.create()
    const { world, keys } = served
    for (const size of SIZES) {
      const count = size - world.log.size - 2
      const list = Array.from({ length: count }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + (i % 9))))
      await world.submit([world.issuer], ...list)
      await world.log.publisher.publish()
      checkpoints.push(await fetchOne('checkpoint', 'text/plain; charset=utf-8'))
    }
    vkey = formatVerifierKey(world.log.logKey)
    const authorization = `Bearer ${await makeToken(keys.auditor, world.ledgerId, 'ledger')}`
    fetchTile = path =>
      fetchOne(path, 'application/octet-stream', path.startsWith('tile/entries/') ? { authorization } : {})
  })
  afterAll(() => served.destroy())

  test('finds in the policy the key that the checkpoints are signed with', async () => {
    expect(readPolicy(await fetchOne('policy', 'text/plain; charset=utf-8'))).toEqual([vkey])
  })

  test.each(SIZES.map((size, i) => [size, i] as const))(
    'reads the checkpoint of size %i after the log has grown beyond it, and the whole log below it',
    async (size, i) => {
      const checkpoint = readCheckpoint(checkpoints[i]!, vkey)
      expect([checkpoint.origin, checkpoint.size]).toEqual(['ledger.example/points', size])
      const asked: string[] = []
      const leaves = await readTree(checkpoint, path => {
        asked.push(path)
        return fetchTile(path)
      })
      // The tiles that tlog-tiles names for a tree of that size, and no others.
      expect(asked).toEqual(
        {
          100: ['tile/0/000.p/100'],
          256: ['tile/0/000', 'tile/1/000.p/1'],
          512: ['tile/0/000', 'tile/0/001', 'tile/1/000.p/2'],
          700: ['tile/0/000', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2'],
        }[size],
      )
      const entries = await readEntries(leaves, fetchTile)
      expect(entries).toHaveLength(size)
      // One past a seal (SPEC §3).
      expect(entries.at(-1)![0]).toBe(3)
    },
  )

  test('finds no tiles that there are not: empty ones, and those beyond the checkpoint', async () => {
    for (const path of [
      'tile/0/002',
      'tile/0/002.p/189',
      'tile/0/003',
      'tile/1/000',
      'tile/1/000.p/3',
      'tile/2/000.p/1',
    ])
      await expect(fetchTile(path)).rejects.toThrow(`${path}: 404`)
    for (const path of ['tile/entries/002', 'tile/entries/002.p/189', 'tile/entries/003'])
      await expect(fetchTile(path)).rejects.toThrow(`${path}: 404`)
  })

  test('reads the receipt of any entry', async () => {
    const checkpoint = readCheckpoint(checkpoints.at(-1)!, vkey)
    const entries = await readEntries(await readTree(checkpoint, fetchTile), fetchTile)
    for (const index of [0, 1, 99, 100, 255, 256, 511, 512, 513, 639, 640, 698, 699]) {
      const receipt = Buffer.from(await served.client(served.keys.auditor).receipt(index))
      expect(readProof(receipt, vkey)).toEqual({ index, entry: entries[index] })
    }
  })

  test('and would notice: a note, a tile, a bundle or a proof that was changed is not read', async () => {
    const [first] = checkpoints
    const other = Buffer.from(first!.toString('utf8').replace('\n100\n', '\n101\n'))
    expect(() => readCheckpoint(other, vkey)).toThrow('does not verify')
    expect(() => readCheckpoint(first!, formatVerifierKey({ ...served.world.log.logKey, name: 'x' }))).toThrow('the id')
    const checkpoint = readCheckpoint(checkpoints.at(-1)!, vkey)
    const lying =
      (of: string): Fetch =>
      async path => {
        const bytes = Buffer.from(await fetchTile(path))
        if (path.startsWith(of)) bytes[40]! ^= 1
        return bytes
      }
    const leaves = await readTree(checkpoint, fetchTile)
    await expect(readTree(checkpoint, lying('tile/0/002'))).rejects.toThrow('the root is not that of the tiles')
    await expect(readTree(checkpoint, lying('tile/1/'))).rejects.toThrow('level 1, hash 1')
    await expect(readEntries(leaves, lying('tile/entries/001'))).rejects.toThrow('entry 256 is not that of its leaf')
    const text = Buffer.from(await served.client(served.keys.auditor).receipt(7)).toString('utf8')
    expect(readProof(Buffer.from(text), vkey).index).toBe(7)
    expect(() => readProof(Buffer.from(text.replace('index 7', 'index 6')), vkey)).toThrow('does not hold')
    expect(() => readProof(Buffer.from(text.replace(/^extra .*$/m, 'extra gkEE9g==')), vkey)).toThrow('does not hold')
  })
})
