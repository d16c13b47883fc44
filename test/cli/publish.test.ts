import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, start } from './run.ts'

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
