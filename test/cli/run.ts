import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Which `tally` is run, and what its environment has besides. */
export interface Program {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

const SOURCES: Program = { file: join(import.meta.dirname, '../../cli/tally.js'), env: {} }

/** What a command left behind. */
export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/**
 * The environment of a command: nothing of the caller's that `tally` reads, or for which Node colours what it prints or
 * says more.
 */
export function environment(): NodeJS.ProcessEnv {
  const taken = ([name]: readonly [string, unknown]) => !/^(TALLY_|NODE_|FORCE_COLOR$|NO_COLOR$)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(taken))
}

/** Starts `tally`, by default that of the sources, with those arguments in a directory. */
export function start(directory: string, args: readonly string[], { file, env }: Program = SOURCES): ChildProcess {
  return spawn(process.execPath, [file, ...args], { cwd: directory, env: { ...environment(), ...env } })
}

/** Runs `tally` with those arguments in a directory until it ends. */
export function tally(directory: string, ...args: readonly string[]): Promise<Ran> {
  return ended(start(directory, args))
}

/** What a command leaves behind when it ends. */
export async function ended(child: ChildProcess): Promise<Ran> {
  let [out, err] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, out, err }
}

/** A `tally serve` in a directory of its own, as a process of its own. */
export class Served {
  readonly directory: string
  readonly child: ChildProcess
  /** What it printed when it was ready. */
  readonly welcome: string
  readonly url: string

  private constructor(directory: string, child: ChildProcess, welcome: string) {
    this.directory = directory
    this.child = child
    this.welcome = welcome
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(welcome)![0]
  }

  /** Starts a ledger in a directory, by default a new one, and waits until it listens. */
  static start(directory?: string, ...more: readonly string[]): Promise<Served> {
    return Served.of(SOURCES, directory, ...more)
  }

  /** As `start`, of another `tally` than that of the sources. */
  static async of(program: Program, directory?: string, ...more: readonly string[]): Promise<Served> {
    const where = directory ?? (await mkdtemp(join(tmpdir(), 'tally-cli-')))
    const child = start(where, ['serve', '--port', '0', ...more], program)
    let [out, err] = ['', '']
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        out += text
        if (out.includes('audit the ledger')) resolve()
      })
      child.once('close', status => reject(new Error(`tally serve ended with ${status}: ${err}`)))
    })
    await ready
    return new Served(where, child, out)
  }

  /** The commands that it printed to try, by what they are for: the arguments of each. */
  get printed(): { what: string; args: string[] }[] {
    return [...this.welcome.matchAll(/^ {2}(.{22})npx tally (.+)$/gm)].map(([, what, command]) => ({
      what: what!.trim(),
      args: command!.split(' '),
    }))
  }

  /** Runs a command against it. */
  run(...args: readonly string[]): Promise<Ran> {
    return tally(this.directory, ...args, '--url', this.url)
  }

  /** Ends the process with a signal and resolves with its exit status. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    const closed = once(this.child, 'close')
    this.child.kill(signal)
    const [status] = (await closed) as [number | null]
    return status
  }

  async destroy(): Promise<void> {
    await this.end('SIGKILL')
    await rm(this.directory, { recursive: true, force: true })
  }
}
