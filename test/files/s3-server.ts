import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../try/real-ledger.ts'

/** Keys that the server takes: it takes any. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'shop', AWS_SECRET_ACCESS_KEY: 'secret of the shop' }

/** A real server of the S3 protocol on this machine: moto's, which Python's package index has. */
export class S3Server {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess) {
    this.url = url
    this.#process = process
  }

  /**
   * Starts it, and puts its keys into the environment, where they stay until the file of tests is over.
   *
   * @returns undefined where `moto_server` is not at hand.
   */
  static async start(): Promise<S3Server | undefined> {
    Object.assign(process.env, S3_KEYS)
    const port = await freePort()
    const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
    const isThere = await Promise.race([
      once(server, 'spawn').then(() => true),
      once(server, 'error').then(() => false),
    ])
    if (!isThere) return undefined
    const url = `http://127.0.0.1:${port}`
    // A shim without a Python behind it starts, and ends.
    while (server.exitCode === null) {
      if (
        await fetch(url).then(
          () => true,
          () => false,
        )
      )
        return new S3Server(url, server)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    return undefined
  }

  /** Makes a bucket. @returns how a place in it is named. */
  async bucket(name: string): Promise<string> {
    const { status } = await fetch(`${this.url}/${name}`, { method: 'PUT' })
    if (status !== 200) throw new Error(`no bucket: ${status}`)
    return `s3://${name}/shop?endpoint=${this.url}`
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'close')
  }
}
