import { connect, type Socket } from 'node:net'
import { concatBytes, utf8Decode, utf8Encode } from '../src/core/bytes.ts'
import { UNSIGNED_BODY_BYTES_MAX } from '../src/core/limits.ts'

/** The bytes of `POST /v1/batches` with this submission, CBOR in and out, and a token where one is asked for. */
export function batchRequest(port: number, body: Uint8Array, token: string, wait?: 'sealed'): Uint8Array {
  const key = body.length > UNSIGNED_BODY_BYTES_MAX ? `authorization: Bearer ${token}\r\n` : ''
  const head =
    `POST /v1/batches${wait === undefined ? '' : `?wait=${wait}`} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n` +
    `${key}content-type: application/cbor\r\naccept: application/cbor\r\ncontent-length: ${body.length}\r\n\r\n`
  return concatBytes(utf8Encode(head), body)
}

/**
 * One kept-alive connection that makes one request after another, from bytes made beforehand. A caller that costs next
 * to nothing, so that what is measured on the cores it shares with the server is the server.
 */
export class Connection {
  readonly #socket: Socket
  #received: Uint8Array = new Uint8Array(0)
  #waiting: { resolve: (body: Uint8Array) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', bytes => this.#take(bytes))
    const broken = (error: Error) => this.#waiting?.reject(error)
    socket.on('error', broken)
    socket.on('close', () => broken(new Error('the server closed the connection')))
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)))
      socket.once('error', reject)
    })
  }

  /** The body of the answer. @throws Error when it is not 200. */
  request(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the server closed the connection'))
      this.#waiting = { resolve, reject }
      this.#socket.write(bytes)
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(bytes: Uint8Array): void {
    this.#received = this.#received.length === 0 ? bytes.slice() : concatBytes(this.#received, bytes)
    const end = Buffer.from(this.#received.buffer, this.#received.byteOffset, this.#received.length).indexOf('\r\n\r\n')
    if (end < 0) return
    const head = utf8Decode(this.#received.subarray(0, end))
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    if (!(this.#received.length >= end + 4 + length)) return
    const body = this.#received.slice(end + 4, end + 4 + length)
    this.#received = new Uint8Array(0)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (head.startsWith('HTTP/1.1 200 ')) waiting?.resolve(body)
    else waiting?.reject(new Error(`${head.split('\r\n')[0]}: ${utf8Decode(body)}`))
  }
}
