import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { formatVerifierKey } from '../../src/core/note.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'
import { type Fetch, type ReadCheckpoint, readCheckpoint, readEntries, readProof, readTree } from './c2sp-reader.ts'

describe('a reader that knows C2SP and nothing of us', () => {
  let served: ServedWorld
  let fetchTile: Fetch
  let vkey: string
  const checkpoints: Buffer[] = []

  beforeAll(async () => {
    served = await ServedWorld.create()
    const { world, url, keys } = served
    vkey = formatVerifierKey(world.log.logKey)
    // The second is whole tiles only, and the third is of two levels with partial ones.
    for (const size of [100, 512, 1000]) {
      const count = size - world.log.size - 2
      const list = Array.from({ length: count }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + (i % 9))))
      await world.submit([world.issuer], ...list)
      await world.log.publisher.publish()
      checkpoints.push(Buffer.from(await (await fetch(`${url}/checkpoint`)).arrayBuffer()))
    }
    const token = await makeToken(keys.auditor, world.ledgerId, 'ledger')
    fetchTile = async path => {
      const headers = path.startsWith('tile/entries/') ? { authorization: `Bearer ${token}` } : undefined
      const response = await fetch(`${url}/${path}`, headers === undefined ? {} : { headers })
      if (!response.ok) throw new Error(`${path}: ${response.status}`)
      return Buffer.from(await response.arrayBuffer())
    }
  })
  afterAll(() => served.destroy())

  test('reads every checkpoint that was ever published, and the whole log below it', async () => {
    const read: ReadCheckpoint[] = checkpoints.map(note => readCheckpoint(note, vkey))
    expect(read.map(({ origin, size }) => [origin, size])).toEqual(
      [100, 512, 1000].map(size => ['ledger.example/points', size]),
    )
    for (const checkpoint of read) {
      const leaves = await readTree(checkpoint, fetchTile)
      const entries = await readEntries(leaves, fetchTile)
      expect(entries).toHaveLength(checkpoint.size)
      expect(entries.at(-1)![0]).toBe(3)
    }
  })

  test('reads receipts', async () => {
    for (const index of [0, 1, 99, 255, 256, 511, 512, 998, 999]) {
      const receipt = Buffer.from(await served.client(served.keys.issuer).receipt(index))
      expect(readProof(receipt, vkey).index).toBe(index)
    }
  })

  test('and would notice: a note, a tile or a proof that was changed is not read', async () => {
    const [first] = checkpoints
    const other = Buffer.from(first!.toString('utf8').replace('\n100\n', '\n101\n'))
    expect(() => readCheckpoint(other, vkey)).toThrow('does not verify')
    const checkpoint = readCheckpoint(first!, vkey)
    const lying: Fetch = async path => {
      const tile = Buffer.from(await fetchTile(path))
      tile[5]! ^= 1
      return tile
    }
    await expect(readTree(checkpoint, lying)).rejects.toThrow('the root is not that of the tiles')
    const receipt = (await served.client(served.keys.issuer).receipt(7)).slice()
    const text = Buffer.from(receipt).toString('utf8')
    expect(() => readProof(Buffer.from(text.replace('index 7', 'index 6')), vkey)).toThrow('does not hold')
  })
})
