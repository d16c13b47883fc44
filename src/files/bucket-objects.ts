import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { UsageError } from '../node/failure.ts'
import { ObjectChangedError, type Objects, type WriteOptions } from './objects.ts'

/** How long one request may take, and how often it is tried again where the store has trouble of its own. */
const ANSWER_MS = 30_000
const RETRIES = 4
/** Bytes of the largest object that is read whole. */
const OBJECT_BYTES_MAX = 64 * 1024 * 1024
/** How often work is done again that others got in the way of. */
const ROUNDS = 8
/** Of a store whose region nobody names: stores of one's own mostly have no other. */
const REGION = 'us-east-1'

/** How caches may keep an object: for ever where it never changes, else only after a look at the store. */
const FOR_EVER = 'public, max-age=31536000, immutable'
const LOOK_FIRST = 'no-cache'

/**
 * The objects of a bucket, over the protocol of S3. What was read here, and not there, is remembered until it is
 * written: it is written only where the store still has it so (`If-Match`, `If-None-Match`), so that of two publishers
 * one hears of the other. A store that does not know these headers writes anyway.
 */
export class BucketObjects implements Objects {
  readonly name: string
  readonly #client: AwsClient
  /** URL of the bucket, and the beginning of each key in it: empty, or with a slash after. */
  readonly #bucket: string
  readonly #prefix: string
  /** By path, the tag of what was read; undefined where nothing was there. */
  #seen = new Map<string, string | undefined>()

  private constructor(name: string, client: AwsClient, bucket: string, prefix: string) {
    this.name = name
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix
  }

  /**
   * @param place - `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`. Without an endpoint, `AWS_ENDPOINT_URL_S3` or
   * `AWS_ENDPOINT_URL`, else Amazon's; without a region, `AWS_REGION` or `AWS_DEFAULT_REGION`. Keys come from
   * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, and from nowhere else.
   * @throws UsageError `bucket`.
   */
  static open(place: string, env: NodeJS.ProcessEnv = process.env): BucketObjects {
    const wrong = (why: string) => new UsageError('bucket', `${place.split('?')[0]}: ${why}`)
    if (!URL.canParse(place)) throw wrong('is no place in a bucket. Write it as s3://BUCKET/PREFIX.')
    const { hostname: bucket, pathname, searchParams, username } = new URL(place)
    if (bucket === '') throw wrong('names no bucket. Write it as s3://BUCKET/PREFIX.')
    if (username !== '') throw wrong('has a key in it. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.')
    for (const name of searchParams.keys())
      if (name !== 'endpoint' && name !== 'region') throw wrong(`has no parameter "${name}": endpoint, region.`)
    const accessKeyId = env['AWS_ACCESS_KEY_ID']
    const secretAccessKey = env['AWS_SECRET_ACCESS_KEY']
    if (!accessKeyId || !secretAccessKey)
      throw wrong('needs the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
    const sessionToken = env['AWS_SESSION_TOKEN']
    const region = searchParams.get('region') ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || REGION)
    const endpoint = searchParams.get('endpoint') ?? (env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'])
    if (endpoint && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
      throw wrong(`the endpoint "${endpoint}" is no URL that begins with https:// or http://.`)
    const client = new AwsClient({
      ...{ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES },
      ...(sessionToken ? { sessionToken } : {}),
    })
    // A store of one's own has its buckets below one name; Amazon's have names of their own.
    const url = endpoint ? `${endpoint.replace(/\/+$/, '')}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`
    const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '')
    return new BucketObjects(`s3://${bucket}${prefix && `/${prefix}`}`, client, url, prefix && `${prefix}/`)
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const answer = await this.#ask('GET', path)
    if (answer.status === 404) {
      this.#seen.set(path, undefined)
      return undefined
    }
    const length = Number(answer.headers.get('content-length') ?? 0)
    if (length > OBJECT_BYTES_MAX) {
      await answer.body?.cancel()
      throw new UsageError(
        'bucket',
        `${path} in ${this.name} has ${length} bytes; at most ${OBJECT_BYTES_MAX} are read.`,
      )
    }
    this.#seen.set(path, answer.headers.get('etag') ?? undefined)
    return new Uint8Array(await answer.arrayBuffer())
  }

  async has(path: string): Promise<boolean> {
    const { status } = await this.#ask('HEAD', path)
    if (status === 404) this.#seen.set(path, undefined)
    return status !== 404
  }

  async write(path: string, bytes: Uint8Array | string, { isPrivate, isFinal }: WriteOptions = {}): Promise<void> {
    const body = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    const tag = this.#seen.get(path)
    const condition = tag !== undefined ? { 'if-match': tag } : this.#seen.has(path) ? { 'if-none-match': '*' } : {}
    const cache = isPrivate ? 'private, no-store' : isFinal ? FOR_EVER : LOOK_FIRST
    await this.#ask('PUT', path, body, { ...condition, 'cache-control': cache, 'content-type': typeOf(path) })
    this.#seen.delete(path)
  }

  async writeNew(path: string, bytes: Uint8Array | string): Promise<boolean> {
    const write = async () => {
      this.#seen.set(path, undefined)
      try {
        await this.write(path, bytes)
        return true
      } catch (error) {
        if (error instanceof ObjectChangedError) return false
        throw error
      }
    }
    if (!(await write())) return false
    // A store that knows the condition does not write a second time.
    if (await write())
      throw new UsageError(
        'bucket',
        `${this.name}: the store knows no conditional writes (If-None-Match), so it cannot keep two processes apart.`,
      )
    return true
  }

  async list(folder: string): Promise<string[]> {
    const paths: string[] = []
    for (let token = ''; ; ) {
      const query = new URLSearchParams({ 'list-type': '2', prefix: `${this.#prefix}${folder && `${folder}/`}` })
      if (token !== '') query.set('continuation-token', token)
      const text = await (await this.#ask('GET', `?${query}`)).text()
      for (const [, key] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) paths.push(key!.slice(this.#prefix.length))
      token = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(text)?.[1] ?? ''
      if (token === '') return paths
    }
  }

  async remove(path: string): Promise<void> {
    await this.#ask('DELETE', path)
    this.#seen.delete(path)
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    for (let round = 1; ; round++) {
      this.#seen.clear()
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof ObjectChangedError) || round === ROUNDS) throw error
      }
    }
  }

  /**
   * @param path - of an object, or `?` and the query of a list.
   * @returns an answer of success, or of 404 to a look.
   * @throws ObjectChangedError; UsageError `bucket` for every other answer, and where there is none.
   */
  async #ask(
    method: 'GET' | 'HEAD' | 'PUT' | 'DELETE',
    path: string,
    body?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const isList = path.startsWith('?')
    const url = isList ? `${this.#bucket}/${path}` : `${this.#bucket}/${encodeURI(this.#prefix + path)}`
    const what = isList ? 'a list of' : `${path} in`
    const signed = {
      ...headers,
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    }
    const signal = AbortSignal.timeout(ANSWER_MS)
    const init = { method, headers: signed, signal, ...(body === undefined ? {} : { body: new Uint8Array(body) }) }
    const answer = await this.#client.fetch(url, init).catch((error: Error) => {
      const why = (error.cause as Error | undefined)?.message || error.message
      throw new UsageError('bucket', `${what} ${this.name}: the store does not answer: ${why}`, { cause: error })
    })
    if (answer.ok) return answer
    const text = (await answer.text().catch(() => '')).slice(0, 2000)
    const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1] ?? ''
    if (answer.status === 404 && code !== 'NoSuchBucket' && method !== 'PUT' && !isList) return answer
    const isChanged =
      method === 'PUT' && (answer.status === 412 || /^(ConditionalRequestConflict|NoSuchKey)$/.test(code))
    if (isChanged) throw new ObjectChangedError(this.name, path)
    const hint = answer.status === 403 ? '. Do the keys of the environment have the right to it?' : ''
    throw new UsageError('bucket', `${what} ${this.name}: the store answers ${answer.status} ${code}${hint}`)
  }
}

/** Media type of what is published at a path. */
function typeOf(path: string): string {
  if (path.endsWith('.json')) return 'application/json'
  return /^(checkpoint|seal|archive\/|totals\/)/.test(path) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}
