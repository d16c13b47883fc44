import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { type Carried, type Carry, carryByFetch, type Request } from '../../client/index.ts'

/** Longest answer that is taken: above every tile, bundle and page of salts. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/**
 * Brings requests to their answers over connections that stay open, several at a time: half the work of `fetch` a
 * request, for who makes a hundred thousand of them. Follows redirects as `fetch` does, by asking it.
 */
export function keepAlive(connections: number): Carry {
  const options = { keepAlive: true, maxSockets: connections }
  const [http, https] = [new HttpAgent(options), new HttpsAgent(options)]
  return async request => {
    const isSecure = request.url.startsWith('https:')
    const carried = await once(request, isSecure ? { agent: https } : { agent: http })
    return carried.status >= 300 && carried.status < 400 ? carryByFetch(request) : carried
  }
}

function once(
  { url, method, headers, body, timeoutMs }: Request,
  { agent }: { agent: HttpAgent | HttpsAgent },
): Promise<Carried> {
  return new Promise((resolve, reject) => {
    const send = agent instanceof HttpsAgent ? requestHttps : requestHttp
    const request = send(url, { method, headers, agent }, response => {
      bytesOf(response).then(bytes => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, bytes })
      }, fail)
    })
    const fail = (error: unknown) => {
      clearTimeout(timer)
      request.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error(`no whole answer within ${timeoutMs} ms`)), timeoutMs)
    request.on('error', fail)
    request.end(body)
  })
}

function bytesOf(response: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    response.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > ANSWER_BYTES_MAX) response.destroy(new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`))
    })
    response.on('end', () => resolve(plain(parts, length)))
    response.on('error', reject)
    response.on('aborted', () => reject(new Error('the answer broke off')))
  })
}

/** The parts as one, a plain array: the `slice` of a Buffer does not copy, and nothing further in is to know. */
function plain([first, ...more]: readonly Buffer[], length: number): Uint8Array {
  if (first === undefined) return new Uint8Array(0)
  if (more.length === 0) return new Uint8Array(first.buffer, first.byteOffset, first.length)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of [first, ...more]) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
