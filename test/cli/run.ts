import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Which `tally` is run, and what its environment has besides. */
export interface Program {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

const SOURCES: Program = { file: join(import.meta.dirname, '../../cli/tally.js'), env: {} }

/** Where `cli/tally.js` keeps what Node makes of our files. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/tallystick')

/** The folder of the `tally` that `built.ts` made for all tests. */
const built = process.env['BUILT_TALLY']

/** The program that commands are run with, unless another is asked for; `errors.test.ts` holds it to the sources. */
export const TALLY: Program =
  built === undefined ? SOURCES : { file: join(built, 'cli/tally.js'), env: { NODE_COMPILE_CACHE: COMPILED } }

/** What holds `main` of that program. */
const MAIN = built === undefined ? join(import.meta.dirname, '../../cli/main.ts') : join(built, 'dist/cli/main.js')

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

/** Starts `tally` with those arguments in a directory. */
export function start(directory: string, args: readonly string[], { file, env }: Program = TALLY): ChildProcess {
  return spawn(process.execPath, [file, ...args], { cwd: directory, env: { ...environment(), ...env } })
}

/** Runs `tally` with those arguments in a directory until it ends, as a process of its own. */
export function alone(directory: string, ...args: readonly string[]): Promise<Ran> {
  return ended(start(directory, args))
}

/** The same from the sources, as in a checkout. */
export function fromSources(directory: string, ...args: readonly string[]): Promise<Ran> {
  return ended(start(directory, args, SOURCES))
}

/** The process of this test file in which `tally` runs commands. */
let host: Host | undefined
/** Commands that open a store or a port: those are closed when their process ends. */
const OWNERS = new Set(['backup', 'check', 'demo', 'init', 'ledger', 'publish', 'restore', 'serve', 'witness'])

/**
 * Runs `tally` with those arguments in a directory until it ends. One after another in one process: most of the time
 * of a command is that in which a process starts. `alone` is a command as a user runs it.
 */
export function tally(directory: string, ...args: readonly string[]): Promise<Ran> {
  const isOwner = OWNERS.has(args[0] ?? '') && !args.includes('--help')
  return isOwner ? alone(directory, ...args) : refused(directory, ...args)
}

/** The same of any command, where it is refused before it opens anything. */
export function refused(directory: string, ...args: readonly string[]): Promise<Ran> {
  if (host?.isBusy === true) return alone(directory, ...args)
  host ??= new Host()
  return host.run(directory, ...args)
}

/**
 * A port that nobody has, below those that the system gives to anyone who asks for any: a ledger that ends and begins
 * again finds it free.
 */
export async function portToKeep(): Promise<number> {
  for (let port = 10_000 + (process.pid % 2000) * 10; ; port++) {
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (isFree) await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
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

/**
 * A process that runs commands one after another, each with arguments, a directory and an exit status of its own. It
 * ends with the process that made it.
 */
class Host {
  readonly #child = fork(join(import.meta.dirname, 'host-child.ts'), [pathToFileURL(MAIN).href], {
    env: { ...environment(), NODE_COMPILE_CACHE: COMPILED },
    execArgv: [],
    silent: true,
  })
  isBusy = false

  constructor() {
    // Pipes are sockets, which hold their process as well.
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) (pipe as Socket).unref()
  }

  async run(directory: string, ...args: readonly string[]): Promise<Ran> {
    const over = new AbortController()
    const { signal } = over
    this.isBusy = true
    this.#child.ref()
    this.#child.channel!.ref()
    try {
      this.#child.send({ directory, args })
      return await Promise.race([
        once(this.#child, 'message', { signal }).then(([ran]) => ran as Ran),
        once(this.#child, 'exit', { signal }).then(([status]) => {
          throw new Error(`the process that ran tally ${args.join(' ')} ended with ${status}`)
        }),
      ])
    } finally {
      over.abort()
      this.isBusy = false
      this.#child.unref()
      this.#child.channel!.unref()
    }
  }
}

/** Gives a data directory, where there is none, the settings of a ledger that seals twenty times a second. */
export async function sealOften(data: string): Promise<void> {
  await mkdir(data, { recursive: true })
  const settings = { format: 'tallystick/ledger/v1', origin: 'tallystick.local', periodMs: 50, heartbeatMs: 60_000 }
  await writeFile(join(data, 'ledger.json'), JSON.stringify(settings), { flag: 'wx' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
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

  /**
   * Starts a ledger in a directory, by default a new one, and waits until it listens. One that is not there yet seals
   * twenty times a second, so that no command waits long for its seal. It prepares batches in its own thread, where
   * nothing else is asked for: the threads of a start take a third of its time, and few tests are about them.
   */
  static async start(directory?: string, ...more: readonly string[]): Promise<Served> {
    const where = directory ?? (await mkdtemp(join(tmpdir(), 'tally-cli-')))
    await sealOften(join(where, more[0] === '--data' ? more[1]! : 'data'))
    return Served.of(TALLY, where, ...more, ...(more.includes('--threads') ? [] : ['--threads', '0']))
  }

  /** As a user starts it, with the `tally` that is tested by default. */
  static async of(program: Program = TALLY, directory?: string, ...more: readonly string[]): Promise<Served> {
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
