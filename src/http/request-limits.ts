import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  OPEN_BODY_BYTES_EACH,
  OPEN_BODY_BYTES_MAX,
  SUBMISSION_BYTES_MAX,
  UNSIGNED_BODY_BYTES_MAX,
} from '../core/limits.ts'
import { BusyError } from '../log/index.ts'
import { HttpError } from './problem.ts'

/** Times of a request, from SPEC §13: its header, all of it, and how often a server looks for those that are over. */
export const REQUEST_TIMES = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 }

/** Levels of arrays and objects in JSON that is read, how many of them, and values that are separated by commas. */
const [JSON_LEVELS, JSON_LISTS, JSON_COMMAS] = [8, 256, 16_384]

/**
 * Holds what may be under way before anything is known of a caller: bytes of bodies that are not read to their end, of
 * all callers and of one address. What comes on top is told to come again. SPEC §13.
 */
export class OpenBodies {
  #bytes = 0
  readonly #ofAddress = new Map<string, number>()
  readonly #ofRequest = new WeakMap<FastifyRequest, number>()

  /** Counts the body that a request says it has. @throws BusyError `busy`. */
  begin(request: FastifyRequest): void {
    const bytes = bodyBytes(request)
    if (bytes === 0) return
    // Who shows a key for a larger one shares with all; what anyone may send has a share for each address.
    const share = bytes > UNSIGNED_BODY_BYTES_MAX ? 0 : bytes
    const ofAddress = (this.#ofAddress.get(request.ip) ?? 0) + share
    if (this.#bytes + bytes > OPEN_BODY_BYTES_MAX || ofAddress > OPEN_BODY_BYTES_EACH)
      throw new BusyError('busy', 'Too much is being sent at once. Send the same again in a second.')
    this.#bytes += bytes
    if (share > 0) this.#ofAddress.set(request.ip, ofAddress)
    this.#ofRequest.set(request, bytes)
  }

  /** The body is read, or never will be: again of no effect. */
  end(request: FastifyRequest): void {
    const bytes = this.#ofRequest.get(request)
    if (bytes === undefined) return
    this.#ofRequest.delete(request)
    this.#bytes -= bytes
    if (bytes > UNSIGNED_BODY_BYTES_MAX) return
    const left = this.#ofAddress.get(request.ip)! - bytes
    if (left > 0) this.#ofAddress.set(request.ip, left)
    else this.#ofAddress.delete(request.ip)
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

/** Bytes of the body that a request says it has; where it does not say, as many as one may have. */
export function bodyBytes({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return SUBMISSION_BYTES_MAX
  return Math.min(Number(headers['content-length'] ?? 0), SUBMISSION_BYTES_MAX)
}

/**
 * Refuses JSON that is deeper, or has more lists or values, than anything that is read here: in one pass over its
 * bytes, before it is parsed, which would take the thread of the ledger for as long as someone likes.
 *
 * @param bytes - untrusted. @throws HttpError `request-invalid`.
 */
export function checkJsonShape(bytes: Uint8Array): void {
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
  if (lists > JSON_LISTS || commas > JSON_COMMAS)
    throw new HttpError(
      400,
      'request-invalid',
      `the body has more than ${JSON_LISTS} lists and objects, or ${JSON_COMMAS} commas`,
    )
}
