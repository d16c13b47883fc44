import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readChains } from '../../src/files/chain-file.ts'

test('a file of chains is read line by line, and what is none of them is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-chains-'))
  const read = async (text: string) => {
    const file = join(folder, 'chains.jsonl')
    await writeFile(file, text)
    const found: unknown[] = []
    for await (const one of readChains(file)) found.push(one)
    return found
  }
  try {
    const one = { accounts: [3, 7], texts: ['{}', 'any text'] }
    expect(await read(`${JSON.stringify(one)}\n\n${JSON.stringify({ ...one, member: 'm' })}`)).toEqual([one, one])
    for (const bad of [
      '{',
      '[]',
      'null',
      '{"accounts":[-1],"texts":[]}',
      '{"accounts":[1]}',
      '{"accounts":1,"texts":[]}',
    ])
      await expect(read(`${JSON.stringify(one)}\n${bad}`), bad).rejects.toMatchObject({
        code: 'details-line',
        message: expect.stringContaining('chains.jsonl: line 2: '),
      })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
