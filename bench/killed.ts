import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { TallyLog } from '../src/log/index.ts'
import { submit } from './ledger.ts'
import type { Workload } from './workload.ts'

/** What a process tells: the size of the log that was acknowledged; how far it is, in words; and once what it found. */
type Told<F> = { readonly size: number } | { readonly progress: string } | { readonly found: F }

/** Batches that are signed before the process says what it found, so that it is killed while it takes some in. */
const SIGNED_AHEAD = 100

/**
 * Runs the file beside this one that grows a ledger, in a process of its own, so that what is resident is the ledger's;
 * when it has said what it found, kills it with SIGKILL in the middle of its work.
 *
 * @returns also the log size of the last acknowledgement that it sent: at least that much must be there.
 */
export async function foundAndKilled<F>(
  file: string,
  task: object,
  onProgress: (what: string) => void = () => {},
): Promise<{ found: F; acknowledgedSize: number }> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(task)], { execArgv: ['--expose-gc'] })
  let acknowledgedSize = 0
  const found = await new Promise<F>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error(`the growing process ended with ${code ?? signal}`)))
    child.on('message', (told: Told<F>) => {
      if ('size' in told) acknowledgedSize = told.size
      else if ('progress' in told) onProgress(told.progress)
      else resolve(told.found)
    })
  })
  await new Promise(resolve => setTimeout(resolve, 500))
  child.removeAllListeners('exit')
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  return { found, acknowledgedSize }
}

/** The process's side: says how far it is. */
export function tellProgress(progress: string): void {
  process.send!({ progress } satisfies Told<never>)
}

/** The process's side: says what it found, and takes in batches until it is killed. */
export async function workUntilKilled<F>(log: TallyLog, workload: Workload, found: F): Promise<never> {
  const more = Array.from({ length: SIGNED_AHEAD }, () => workload.issues())
  process.send!({ found } satisfies Told<F>)
  for (let i = 0; ; i++) {
    await submit(log, more[i] ?? workload.issues())
    process.send!({ size: log.size } satisfies Told<F>)
  }
}

/**
 * The process's side: of the bytes resident, those of files that are mapped; undefined where the system does not say.
 */
async function residentFiles(): Promise<number | undefined> {
  try {
    return 1024 * Number(/^RssFile:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))![1])
  } catch {
    return undefined
  }
}

/** What a process has resident, in bytes, when what is not needed is collected. */
export interface Resident {
  /** Memory of its own: what the system cannot take back. */
  readonly own: number
  /**
   * Files that it maps, as LevelDB does to read them: pages that the system drops when it needs room. 0 where it does
   * not say.
   */
  readonly files: number
}

/** The process's side: what is resident. */
export async function residentAfterCollection(): Promise<Resident> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const files = (await residentFiles()) ?? 0
  return { own: process.memoryUsage().rss - files, files }
}
