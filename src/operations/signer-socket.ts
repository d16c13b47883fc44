import { once } from 'node:events'
import { chmod, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { z } from 'zod'
import { equalBytes, fromBase64, toBase64, utf8Encode } from '../core/bytes.ts'
import { signEd25519 } from '../core/crypto/ed25519.ts'
import { CodedError } from '../core/failure.ts'
import type { KeyFile } from '../files/key-files.ts'

// A key in a process of its own, behind a Unix socket. Lines of JSON: the signer begins with {"public": base64}, is
// asked {"id": n, "sign": base64}, and answers {"id": n, "signature": base64}, or {"id": n, "refused": why}.

/** A signer that cannot be reached, does not answer, or says no. */
class SignerError extends CodedError {
  override readonly name = 'SignerError'
}

/** Bytes of the longest line: nothing that a log signs is longer than a note. */
const LINE_MAX = 65_536
/** How long an answer may take, and how long a signer that is not there is looked for. */
const [ANSWER_MS, CONNECT_MS] = [10_000, 10_000]

const asked = z.strictObject({ id: z.number().int(), sign: z.string().max(LINE_MAX) })
const answered = z.union([
  z.strictObject({ id: z.number().int(), signature: z.string().length(88) }),
  z.strictObject({ id: z.number().int(), refused: z.string().max(1000) }),
])
const greeting = z.strictObject({ public: z.string().length(44) })

/** What a signer signs with. */
export interface SocketKey {
  readonly publicKey: Uint8Array
  /** The signature of a message; undefined for one that it does not sign. @param message - untrusted. */
  sign(message: Uint8Array): Uint8Array | undefined
}

/** What begins a message that a log signs, but for notes: SPEC §3. */
const LABELS = ['promise', 'refusal', 'salts', 'totals'].map(one => utf8Encode(`tallystick/${one}/v1\0`))
/** The text of a checkpoint: origin, size, root. */
const CHECKPOINT = /^[^\s+]{1,255}\n(?:0|[1-9]\d{0,15})\n[A-Za-z0-9+/]{43}=\n$/

/** The key of a log, which signs what a log signs and nothing else: no batch, no token, no note of another kind. */
export function logKey({ seed, publicKey }: Pick<KeyFile, 'seed' | 'publicKey'>): SocketKey {
  return {
    publicKey,
    sign(message) {
      const isLabelled = LABELS.some(label => equalBytes(label, message.subarray(0, label.length)))
      if (!isLabelled && !CHECKPOINT.test(Buffer.from(message).toString('utf8'))) return undefined
      return signEd25519(seed, message)
    },
  }
}

/**
 * Serves a key on a Unix socket that this user and its group may open. Takes the place of one that nobody serves any
 * more.
 */
export async function serveSigner(path: string, key: SocketKey): Promise<Server> {
  const server = createServer(socket => {
    socket.write(`${JSON.stringify({ public: toBase64(key.publicKey) })}\n`)
    linesOf(socket).on('line', line => {
      const answer = answerTo(line, key)
      if (answer === undefined) socket.destroy()
      else socket.write(`${JSON.stringify(answer)}\n`)
    })
  })
  if (await isLeft(path)) await unlink(path)
  const mask = process.umask(0o117)
  try {
    server.listen(path)
    await once(server, 'listening')
  } finally {
    process.umask(mask)
  }
  await chmod(path, 0o660)
  return server
}

function answerTo(line: string, key: SocketKey): z.infer<typeof answered> | undefined {
  try {
    const { id, sign } = asked.parse(JSON.parse(line))
    const signature = key.sign(fromBase64(sign))
    return signature === undefined
      ? { id, refused: 'this is nothing that a log signs' }
      : { id, signature: toBase64(signature) }
  } catch {
    return undefined
  }
}

/** Whether there is a socket that nobody serves. */
async function isLeft(path: string): Promise<boolean> {
  const socket = connect(path)
  const found = await new Promise<string | undefined>(resolve => {
    socket.once('connect', () => resolve(undefined))
    socket.once('error', error => resolve((error as NodeJS.ErrnoException).code))
  })
  socket.destroy()
  return found === 'ECONNREFUSED'
}

interface WaitingSignature {
  readonly resolve: (signature: Uint8Array) => void
  readonly reject: (error: SignerError) => void
  readonly message: Uint8Array
  readonly timer: NodeJS.Timeout
}

/** The key of a signer behind a Unix socket. One that goes away is looked for again, and asked again what is open. */
export class SocketSigner {
  readonly publicKey: Uint8Array
  readonly #path: string
  readonly #waiting = new Map<number, WaitingSignature>()
  #socket: Socket
  #next = 0
  #isClosed = false

  private constructor(path: string, { socket, lines, publicKey }: Connected) {
    this.#path = path
    this.#socket = socket
    this.publicKey = publicKey
    this.#listen(socket, lines)
  }

  /** Connects to a signer. @throws SignerError `signer-silent`. */
  static async open(path: string): Promise<SocketSigner> {
    return new SocketSigner(path, await connected(path))
  }

  /** The signature of a message. @throws SignerError `signer-silent`, `signer-refused`. */
  sign(message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const id = this.#next++
      const timer = setTimeout(() => this.#giveUp(id), ANSWER_MS)
      this.#waiting.set(id, { resolve, reject, message, timer })
      this.#ask(id, message)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
    for (const id of [...this.#waiting.keys()]) this.#giveUp(id)
  }

  #ask(id: number, message: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify({ id, sign: toBase64(message) })}\n`)
  }

  #listen(socket: Socket, lines: Interface): void {
    this.#socket = socket
    lines.on('line', line => this.#answered(line))
    socket.once('close', () => {
      if (!this.#isClosed) void this.#reconnect()
    })
    for (const [id, { message }] of this.#waiting) this.#ask(id, message)
  }

  async #reconnect(): Promise<void> {
    try {
      const { socket, lines, publicKey } = await connected(this.#path)
      if (this.#isClosed || Buffer.compare(publicKey, this.publicKey) !== 0) socket.destroy()
      else this.#listen(socket, lines)
    } catch {
      if (!this.#isClosed) setTimeout(() => void this.#reconnect(), 1000).unref()
    }
  }

  #answered(line: string): void {
    const { data } = answered.safeParse(parsed(line))
    const waiting = data && this.#waiting.get(data.id)
    if (data === undefined || waiting === undefined) return
    clearTimeout(waiting.timer)
    this.#waiting.delete(data.id)
    if ('signature' in data) waiting.resolve(fromBase64(data.signature))
    else waiting.reject(new SignerError('signer-refused', `The signer at ${this.#path} says no: ${data.refused}.`))
  }

  #giveUp(id: number): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    clearTimeout(waiting.timer)
    this.#waiting.delete(id)
    waiting.reject(new SignerError('signer-silent', `The signer at ${this.#path} does not answer.`))
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

interface Connected {
  readonly socket: Socket
  readonly lines: Interface
  readonly publicKey: Uint8Array
}

/** The lines that come over a socket. What goes wrong with it closes it, and is no error of anything else. */
function linesOf(socket: Socket): Interface {
  socket.on('error', () => socket.destroy())
  return createInterface({ input: socket }).on('error', () => {})
}

/** A connection to a signer that has said which key it has, once there is one. */
async function connected(path: string): Promise<Connected> {
  const until = performance.now() + CONNECT_MS
  for (;;) {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
      const lines = linesOf(socket)
      const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(ANSWER_MS) })) as [string]
      return { socket, lines, publicKey: fromBase64(greeting.parse(parsed(line)).public) }
    } catch (error) {
      socket.destroy()
      if (performance.now() > until)
        throw new SignerError('signer-silent', `No signer answers at ${path}: ${(error as Error).message}.`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
