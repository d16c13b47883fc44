import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCheckpoint, readTree } from '../../core/note/c2sp-reader.ts'
import { Served, start } from '../run.ts'

describe('tally publish --follow', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.start()
  })
  afterAll(() => served.destroy())

  test('goes on until it is told to stop, and has what came meanwhile', async () => {
    await served.run('account', 'open')
    const child = start(served.directory, ['publish', 'out', '--url', served.url, '--follow', '1s'])
    let out = ''
    const sized = (size: number) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          const last = [...out.matchAll(/: (\d+) entries/g)].at(-1)?.[1]
          if (Number(last) >= size) resolve()
        }
        child.stdout!.on('data', look)
        child.once('close', status => reject(new Error(`tally publish ended with ${status}`)))
        look()
      })
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    await sized(1)
    const before = Number(/: (\d+) entries/.exec(out)![1])
    await served.run('issue', '--to', '3', '--amount', '3')
    await sized(before + 3)
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    expect((await readFile(join(served.directory, 'out/checkpoint'), 'utf8')).split('\n')[1]).toBe(String(before + 3))
  })
})

describe('tally serve --publish', () => {
  test('brings a folder up to each seal by itself, and to the last one when it stops', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tally-cli-'))
    const served = await Served.start(directory, '--publish', 'public')
    try {
      await served.run('account', 'open')
      await served.run('issue', '--to', '3', '--amount', '3')
      expect(await served.end()).toBe(0)
      // As a stranger reads it: by the texts of C2SP, with the log's key and nothing else.
      const policy = await readFile(join(directory, 'data/policy'), 'utf8')
      const note = await readFile(join(directory, 'public/checkpoint'))
      const checkpoint = readCheckpoint(note, /^log (\S+)/m.exec(policy)![1]!)
      const tree = await readTree(checkpoint, path => readFile(join(directory, 'public', path)))
      expect(tree.length).toBe(checkpoint.size)
      const again = await Served.start(directory, '--publish', 'public')
      expect(again.welcome).toContain(` ${checkpoint.size} entries`)
      await again.end()
    } finally {
      await served.destroy()
    }
  })

  test('a folder that cannot be written holds the ledger up, as its lease is there, until it can', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tally-cli-'))
    await writeFile(join(directory, 'public'), 'no folder')
    const served = await Served.start(directory, '--publish', 'public')
    const health = async () =>
      (await (await fetch(`${served.url}/healthz`)).json()) as { status: string; published: number }
    try {
      const detail = expect.stringMatching(/public.lease cannot be used/)
      expect(await health()).toMatchObject({ status: 'lease-held', detail })
      await rm(join(directory, 'public'))
      // Batches are taken from then on: first those of the first start, twelve of one transaction each.
      while ((await health()).published < 24) await new Promise(resolve => setTimeout(resolve, 50))
      expect((await health()).status).toBe('ok')
      expect((await served.run('account', 'open')).status).toBe(0)
      expect((await served.run('issue', '--to', '3', '--amount', '3')).status).toBe(0)
      expect(await served.end()).toBe(0)
    } finally {
      await served.destroy()
    }
  })
})
