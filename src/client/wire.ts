import { utf8Encode } from '../core/bytes.ts'
import type { CodedError } from '../core/failure.ts'
import { AnswerBoundError, type Carried, type Carry, carryByFetch } from './carry.ts'
import { BatchRefusedError, ClientError, errorFrom } from './failure.ts'
import { type Json, type JsonReader, readJson } from './read-json.ts'

export interface WireOptions {
  /** Base URL of the ledger. */
  readonly url: string
  /**
   * How often a request that got no answer, or 429 or 503, is made again: 4. A batch keeps its bytes, so it counts
   * once. One that was refused under a signature is not sent again: the room that it lacks comes within a minute.
   */
  readonly retries?: number
  /** First pause before another try; each is twice the last. */
  readonly pauseMs?: number
  /** Longest wait for one answer. */
  readonly timeoutMs?: number
  /** What brings a request to its answer; by default `fetch`. */
  readonly carry?: Carry
}

/** What is asked, beside the path. */
export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** By default GET, or POST where there is a body. */
  readonly method?: string
  /** Bytes of the longest answer that is taken. */
  readonly maxBytes: number
  /** What an answer without success is; by default `errorFrom`. @param bytes - untrusted. */
  readonly errorOf?: (url: string, status: number, bytes: Uint8Array) => CodedError
}

/** Bytes of the longest answer in JSON: a page of the registry, whose entries are as long as they can be, and more. */
const JSON_BYTES_MAX = 8 * 1024 * 1024

/** The way to a ledger: asks, waits, asks again. Of an answer it knows how long it is, and no more. */
export class Wire {
  readonly #options: WireOptions
  readonly #base: string

  constructor(options: WireOptions) {
    this.#options = options
    this.#base = options.url.replace(/\/+$/, '')
  }

  /** Where it leads. */
  get url(): string {
    return this.#base
  }

  /** The bytes that are answered. @throws ClientError. */
  async bytes(path: string, asking: Asking): Promise<Uint8Array> {
    const { retries = 4, pauseMs = 200 } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(path, asking)
      } catch (error) {
        const again =
          error instanceof ClientError &&
          [0, 429, 503].includes(error.status) &&
          !['ledger-stopped', 'http'].includes(error.code) &&
          !(error instanceof BatchRefusedError)
        if (!again || attempt >= retries) throw error
        await new Promise(resolve => setTimeout(resolve, pauseMs * 2 ** attempt))
      }
    }
  }

  /** What JSON says that is answered. @throws ClientError; FormatError `answer`. */
  async json<T>(path: string, read: JsonReader<T>, asking: Partial<Asking> = {}): Promise<T> {
    const headers = { accept: 'application/json', ...asking.headers }
    return readJson(await this.bytes(path, { maxBytes: JSON_BYTES_MAX, ...asking, headers }), read)
  }

  async #once(path: string, asking: Asking): Promise<Uint8Array> {
    const { headers = {}, body, maxBytes, errorOf = errorFrom } = asking
    const { method = body === undefined ? 'GET' : 'POST' } = asking
    const url = `${this.#base}${path}`
    const { carry = carryByFetch, timeoutMs = 30_000 } = this.#options
    let answer: Carried
    try {
      answer = await carry({ url, method, headers, timeoutMs, maxBytes, ...(body === undefined ? {} : { body }) })
    } catch (error) {
      const { cause, message } = error as Error
      if (error instanceof AnswerBoundError)
        throw new ClientError('http', `${url} does not answer as a ledger does: ${message}`, 0, { cause: error })
      const detail = cause instanceof Error ? cause.message : message
      throw new ClientError('unreachable', `${this.#base} does not answer: ${detail}`, 0, { cause: error })
    }
    const { status, bytes } = answer
    if (status >= 200 && status < 300) return bytes
    throw errorOf(url, status, bytes)
  }
}

/** What sends a value as JSON. */
export function withJson(headers: Readonly<Record<string, string>>, value: Json): Pick<Asking, 'headers' | 'body'> {
  return { headers: { ...headers, 'content-type': 'application/json' }, body: utf8Encode(JSON.stringify(value)) }
}
