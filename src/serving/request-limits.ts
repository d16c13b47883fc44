import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addressOf } from './address.ts'
import { HttpError } from './problem.ts'

/** Times of a request in ms: for its header, for all of it, and between two looks at requests that are over time. */
export const REQUEST_TIMES = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 }

/** Bytes that a server takes of bodies. */
export interface RequestLimits {
  /** Of one body; a route may take less. */
  readonly bodyBytes: number
  /** Of all bodies that are not read to their end. */
  readonly openBytes: number
  /** Of those, from one address. */
  readonly openBytesEach: number
  /** Bodies above this need a key, and share with all instead of with their address. By default all count the same. */
  readonly anonymousBytes?: number
  /** Lists and objects of a body in JSON; 256 by default. */
  readonly jsonLists?: number
}

/**
 * Holds what is under way before a caller is known: bytes of bodies that are not read to their end, of all callers and
 * of one address. Beyond the limits a request is answered 503 `busy`, to be sent again in a second.
 */
export class OpenBodies {
  readonly #limits: RequestLimits
  readonly #anonymousBytes: number
  #bytes = 0
  readonly #ofAddress = new Map<string, number>()
  readonly #ofRequest = new WeakMap<FastifyRequest, number>()

  constructor(limits: RequestLimits) {
    this.#limits = limits
    this.#anonymousBytes = limits.anonymousBytes ?? limits.bodyBytes
  }

  /** Counts the body that a request announces. @throws HttpError 503 `busy`. */
  begin(request: FastifyRequest): void {
    const { bodyBytes, openBytes, openBytesEach } = this.#limits
    const bytes = announcedBytes(request, bodyBytes)
    if (bytes === 0) return
    const share = bytes > this.#anonymousBytes ? 0 : bytes
    const ofAddress = (this.#ofAddress.get(addressOf(request)) ?? 0) + share
    if (this.#bytes + bytes > openBytes || ofAddress > openBytesEach)
      throw new HttpError(503, 'busy', 'Too much is being sent at once. Send the same again in a second.', {
        'retry-after': '1',
      })
    this.#bytes += bytes
    if (share > 0) this.#ofAddress.set(addressOf(request), ofAddress)
    this.#ofRequest.set(request, bytes)
  }

  /** The body is read, or never will be. A second call has no effect. */
  end(request: FastifyRequest): void {
    const bytes = this.#ofRequest.get(request)
    if (bytes === undefined) return
    this.#ofRequest.delete(request)
    this.#bytes -= bytes
    if (bytes > this.#anonymousBytes) return
    const address = addressOf(request)
    const left = this.#ofAddress.get(address)! - bytes
    if (left > 0) this.#ofAddress.set(address, left)
    else this.#ofAddress.delete(address)
  }

  /** Watches every request of a server. */
  watch(server: FastifyInstance): void {
    server.addHook('onRequest', (request, _, done) => {
      this.begin(request)
      done()
    })
    server.addHook('preValidation', (request, _, done) => {
      this.end(request)
      done()
    })
    server.addHook('onRequestAbort', (request, done) => {
      this.end(request)
      done()
    })
    server.addHook('onResponse', (request, _, done) => {
      this.end(request)
      done()
    })
  }
}

/** Bytes of the body that a request announces; `most` where it does not say, or says more. */
export function announcedBytes({ headers }: FastifyRequest, most: number): number {
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(Number(headers['content-length'] ?? 0), most)
}

/** Levels of arrays and objects in JSON that is read, how many of them, and values that are separated by commas. */
const [JSON_LEVELS, JSON_LISTS, JSON_COMMAS] = [8, 256, 16_384]

/**
 * Refuses JSON that is deeper, or has more lists or values, than anything that is read here. One pass over its bytes,
 * before it is parsed: parsing hostile JSON could hold the thread for long.
 *
 * @param bytes - untrusted. @throws HttpError `request-invalid`.
 */
export function checkJsonShape(bytes: Uint8Array, listsMax = JSON_LISTS): void {
  let [level, lists, commas, isText] = [0, 0, 0, false]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (isText) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) isText = false
    } else if (byte === 0x22) isText = true
    else if (byte === 0x2c) commas++
    else if (byte === 0x5b || byte === 0x7b) {
      lists++
      if (++level > JSON_LEVELS)
        throw new HttpError(400, 'request-invalid', `the body has more than ${JSON_LEVELS} levels`)
    } else if (byte === 0x5d || byte === 0x7d) level--
  }
  if (lists > listsMax || commas > JSON_COMMAS)
    throw new HttpError(
      400,
      'request-invalid',
      `the body has more than ${listsMax} lists and objects, or ${JSON_COMMAS} commas`,
    )
}
