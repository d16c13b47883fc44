import { Device } from '../device.ts'
import { keptWallets } from './kept-wallets.ts'
import type { OwnCall, OwnJob, OwnJobs, OwnReply } from './messages.ts'

const say = (reply: OwnReply) => (globalThis as unknown as { postMessage(said: OwnReply): void }).postMessage(reply)

const device = new Device()
let jobs: Promise<Omit<OwnJobs, 'kept'>> | undefined

/** What opens a wallet is loaded once one is opened, or a key made: to be asked what is kept takes little. */
async function jobOf(job: OwnJob): Promise<(...args: readonly unknown[]) => Promise<unknown>> {
  if (job === 'kept') return () => keptWallets(device)
  jobs ??= import('./own-jobs.ts').then(({ ownJobs }) => ownJobs(device, (done, total) => say({ done, total })))
  const loaded = await jobs.catch(error => {
    jobs = undefined
    throw error
  })
  return loaded[job] as (...args: readonly unknown[]) => Promise<unknown>
}

globalThis.onmessage = async ({ data: { id, job, args } }: MessageEvent<OwnCall>) => {
  try {
    say({ id, value: await (await jobOf(job))(...args) })
  } catch (error) {
    const { code = 'internal', message } = error as { code?: string; message: string }
    say({ id, code, message })
  }
}
