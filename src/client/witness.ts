import { toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { bytesOf } from './carry.ts'

/** The answer of a witness to an `add-checkpoint` request (c2sp.org/tlog-witness). */
export interface CosignAnswer {
  readonly status: number
  readonly contentType: string
  /** Untrusted. */
  readonly body: Uint8Array
}

/**
 * Sends an `add-checkpoint` request to the witness with submission prefix `url`.
 *
 * @throws Error when there is no answer, also none before `signal`.
 */
export async function addCheckpoint(url: string, body: Uint8Array, signal: AbortSignal): Promise<CosignAnswer> {
  return ask(`${withoutSlash(url)}/add-checkpoint`, {
    method: 'POST',
    signal,
    body: body as Uint8Array<ArrayBuffer>,
  })
}

/**
 * Asks a witness for the checkpoint that it cosigned last of the log of that origin:
 * `GET <prefix>/<hash of the origin>/checkpoint`.
 *
 * @throws Error when there is no answer, also none before `signal`.
 */
export function latestCosigned(url: string, origin: string, signal: AbortSignal): Promise<CosignAnswer> {
  return ask(`${withoutSlash(url)}/${toHex(engine().sha256(utf8Encode(origin)))}/checkpoint`, { signal })
}

async function ask(url: string, request: RequestInit): Promise<CosignAnswer> {
  const response = await fetch(url, { ...request, redirect: 'error' })
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    body: await bytesOf(response, ANSWER_BYTES_MAX),
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

/** Bytes of the longest answer that is read. */
const ANSWER_BYTES_MAX = 16 * 1024
