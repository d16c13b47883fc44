import { BranchingLog } from './branching-log.ts'
import { type Reader, type Shown, WalletReader, WatchReader } from './readers.ts'

/** What a process is told that keeps in a folder what it accepts. */
export interface AcceptingTask {
  readonly folder: string
  readonly common: number
  readonly as: 'watch' | 'wallet'
  readonly shown: readonly Shown[]
}

/** What it answers: what it accepted. */
export type AcceptingAnswer = readonly Shown[]

process.on('message', async ({ folder, common, as, shown }: AcceptingTask) => {
  const log = new BranchingLog(common)
  const reader: Reader = as === 'watch' ? await WatchReader.start(log, folder) : new WalletReader(log, folder)
  const accepted: Shown[] = []
  for (const one of shown) if ((await reader.look(one)).length === 0) accepted.push(one)
  process.send!(accepted satisfies AcceptingAnswer)
})
process.on('disconnect', () => process.exit())
