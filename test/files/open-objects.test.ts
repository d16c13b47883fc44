import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ArchiveFolder } from '../../src/files/archive-folder.ts'
import { isBucket, type Objects } from '../../src/files/objects.ts'
import { openObjects } from '../../src/files/open-objects.ts'
import { stub } from '../client/proxy.ts'
import { S3_KEYS, S3Server } from './s3-server.ts'

/** A server before one of buckets that lists seven objects a page: a store may list less than is asked for. */
async function shortPages(url: string) {
  let pages = 0
  const front = await stub(async (request, response) => {
    pages++
    const answer = await fetch(`${url}${request.url}&max-keys=7`)
    response.writeHead(answer.status, { 'content-type': 'application/xml' }).end(await answer.text())
  })
  return { ...front, pages: () => pages }
}

// The same contract over a folder and over a bucket of a real server.
let server: S3Server | undefined
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-objects-'))
  server = await S3Server.start()
  if (server === undefined) console.warn('moto_server is not at hand: the tests of buckets are skipped.')
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe.each(['folder', 'bucket'])('objects of a %s', kind => {
  let made = 0
  /** A place of its own, with nothing in it; undefined where no server of buckets is at hand. */
  const newPlace = async () => {
    made++
    return kind === 'folder' ? join(folder, `${made}`) : await server?.bucket(`shop-${made}`)
  }
  const withPlace = (body: (place: string) => Promise<void>) => async (context: { skip: (why: string) => void }) => {
    const place = await newPlace()
    if (place === undefined) context.skip('moto_server is not at hand')
    else await body(place)
  }
  const text = async (objects: Objects, path: string) => {
    const bytes = await objects.read(path)
    return bytes === undefined ? undefined : String(Buffer.from(bytes))
  }

  test(
    'are read as they were written, listed below a folder, and removed',
    withPlace(async place => {
      const objects = await openObjects(place)
      expect(await objects.list('')).toEqual([])
      expect([await objects.has('a/b/1'), await text(objects, 'a/b/1')]).toEqual([false, undefined])
      await objects.write('a/b/1', new Uint8Array([0, 255, 13, 10]))
      await objects.write('a/b.p/2', 'two', { isFinal: true })
      await objects.write('c', 'three', { isPrivate: true })
      expect(await objects.has('a/b/1')).toBe(true)
      expect(await objects.read('a/b/1')).toEqual(new Uint8Array([0, 255, 13, 10]))
      expect((await objects.list('')).sort()).toEqual(['a/b.p/2', 'a/b/1', 'c'])
      // A folder whose name begins like another's is not below it.
      expect(await objects.list('a/b')).toEqual(['a/b/1'])
      await objects.write('c', 'four')
      expect(await text(objects, 'c')).toBe('four')
      await objects.remove('c')
      await objects.remove('c')
      expect(await text(objects, 'c')).toBeUndefined()
    }),
  )

  test(
    'more than one page of a list is read',
    withPlace(async place => {
      const objects = await openObjects(place)
      const paths = Array.from({ length: 20 }, (_, i) => `d/${i}`)
      await Promise.all(paths.map(path => objects.write(path, path)))
      expect((await objects.list('d')).sort()).toEqual([...paths].sort())
      if (kind !== 'bucket') return
      const front = await shortPages(server!.url)
      const through = await openObjects(place.replace(server!.url, front.url))
      expect((await through.list('d')).sort()).toEqual([...paths].sort())
      expect(front.pages()).toBe(3)
      await front.close()
    }),
  )

  test(
    'of several that read and write at the same time, each sees the work of those before it',
    withPlace(async place => {
      const add = async () => {
        const objects = await openObjects(place)
        await objects.alone(async () => {
          const now = Number((await text(objects, 'n')) ?? 0)
          await new Promise(resolve => setTimeout(resolve, 5))
          await objects.write('n', String(now + 1))
        })
      }
      await Promise.all([add(), add(), add()])
      await add()
      expect(await text(await openObjects(place), 'n')).toBe('4')
    }),
  )

  test(
    'an archive goes on where it was',
    withPlace(async place => {
      for (let i = 0; i < 7; i++) {
        const archive = await ArchiveFolder.in(await openObjects(place), 'lines', 3)
        expect(await archive.last()).toBe(i === 0 ? undefined : `line ${i - 1}`)
        await archive.add(`line ${i}\n`)
        expect(archive.lastFile).toBe(Math.floor((i + 1) / 3))
      }
      expect(await text(await openObjects(place), 'lines/1')).toBe('line 3\nline 4\nline 5\n')
    }),
  )
})

test('a private file of a folder is its owner’s alone', async () => {
  const objects = await openObjects(join(folder, 'private'))
  await objects.write('x', '1', { isPrivate: true })
  expect((await stat(join(folder, 'private/x'))).mode & 0o777).toBe(0o600)
})

test('a bucket that another process wrote to is not written over', async context => {
  if (server === undefined) return context.skip('moto_server is not at hand')
  const place = await server.bucket('two')
  const [one, other] = [await openObjects(place), await openObjects(place)]
  for (const before of [undefined, 'first']) {
    expect(
      [await one.read('checkpoint'), await other.read('checkpoint')].map(at => at && String(Buffer.from(at))),
    ).toEqual([before, before])
    await one.write('checkpoint', before === undefined ? 'first' : 'third')
    await expect(other.write('checkpoint', 'second')).rejects.toThrow(expect.objectContaining({ code: 'state' }))
  }
})

test('objects of a bucket say how long caches may keep them', async context => {
  if (server === undefined) return context.skip('moto_server is not at hand')
  const objects = await openObjects(await server.bucket('cached'))
  const [accessKeyId, secretAccessKey] = [S3_KEYS.AWS_ACCESS_KEY_ID, S3_KEYS.AWS_SECRET_ACCESS_KEY]
  const client = new AwsClient({ accessKeyId, secretAccessKey, region: 'us-east-1', service: 's3' })
  await objects.write('tile/0/000', 'x', { isFinal: true })
  await objects.write('checkpoint', 'x')
  const kept = async (path: string) => {
    const { headers } = await client.fetch(`${server!.url}/cached/shop/${path}`)
    return [headers.get('cache-control'), headers.get('content-type')]
  }
  expect(await kept('tile/0/000')).toEqual(['public, max-age=31536000, immutable', 'application/octet-stream'])
  expect(await kept('checkpoint')).toEqual(['no-cache', 'text/plain; charset=utf-8'])
})

describe('a bucket that cannot be used is said', () => {
  test.each([
    ['s3://', /names no bucket|is no place/],
    ['s3://b/p?endpiont=http://x', /has no parameter "endpiont"/],
    ['s3://b?endpoint=ftp://x', /no URL that begins with https/],
    ['s3://me:secret@b/p', /has a key in it/],
  ])('%s', async (place, why) => {
    expect(isBucket(place)).toBe(true)
    await expect(openObjects(place)).rejects.toThrow(
      expect.objectContaining({ code: 'bucket', message: expect.stringMatching(why) }),
    )
  })

  test('without keys, without a store, and without the bucket', async context => {
    const { AWS_ACCESS_KEY_ID: id } = S3_KEYS
    delete process.env['AWS_ACCESS_KEY_ID']
    await expect(openObjects('s3://b')).rejects.toThrow('AWS_ACCESS_KEY_ID')
    process.env['AWS_ACCESS_KEY_ID'] = id
    const nobody = await openObjects('s3://b?endpoint=http://127.0.0.1:45999')
    await expect(nobody.read('x')).rejects.toThrow(/x in s3:\/\/b: the store does not answer: .*ECONNREFUSED/)
    if (server === undefined) return context.skip('moto_server is not at hand')
    const none = await openObjects(`s3://none?endpoint=${server.url}`)
    for (const act of [() => none.read('x'), () => none.write('x', 'y'), () => none.list('')])
      await expect(act()).rejects.toThrow('NoSuchBucket')
  })
})
