import { join } from 'node:path'
import type { AccountsTask, Opened } from './accounts-child.ts'
import type { Context } from './context.ts'
import { bytesIn } from './disk.ts'
import { foundAndKilled } from './killed.ts'
import { NEVER_MS, openLedger, submit } from './ledger.ts'
import { formatFigure, mega, ratio } from './report.ts'
import { newBalances, SAMPLES, Workload } from './workload.ts'

/** Accounts whose openings are signed at once, while nothing is timed. */
const CHUNK = 100_000

/**
 * What does a ledger of many accounts take: memory, time, disk, a start? All of them are opened through the log,
 * durable, sealed every second, in a process of its own that has little else to do and is killed at the end.
 */
export async function manyAccounts({ directory, report, machine }: Context, accounts: number): Promise<number> {
  const task: AccountsTask = { directory: join(directory, 'accounts'), accounts, chunk: CHUNK }
  report.begin(`opening ${formatFigure(accounts)} accounts in a process of its own`)
  const { found, acknowledgedSize } = await foundAndKilled<Opened>('accounts-child.ts', task, what =>
    report.begin(what),
  )
  const { base, warmAccounts, resident, peak, heap, seconds, firstSeconds, lastSeconds } = found
  const { baseBuffers, buffers } = found
  // Of a process that is gone: LevelDB deletes files as long as it lives.
  const disk = await bytesIn(task.directory)
  const opened = accounts - warmAccounts
  const bytesPerAccount = (resident.own - base.own) / opened
  report.add({
    what: `memory an account, of ${formatFigure(accounts)}`,
    figure: bytesPerAccount,
    unit: 'bytes',
    beside:
      `with ${formatFigure(warmAccounts)} accounts ${mega(base.own)}, then ${mega(resident.own)}, ` +
      `${mega(buffers - baseBuffers)} more of buffers, ${mega(heap)} the heap; beside it files mapped, ` +
      `${mega(base.files)}, then ${mega(resident.files)}; all together at most ${mega(peak)}`,
    target: { atMost: 200 },
  })
  report.add({
    what: 'accounts opened, 1,000 a batch',
    figure: opened / seconds,
    unit: '/s',
    beside:
      `${ratio(opened / seconds, machine.levelPutPerSecond, 'LevelDB puts')}; first ` +
      `${formatFigure(CHUNK / firstSeconds)}, last ${formatFigure(CHUNK / lastSeconds)}`,
  })
  report.add({
    what: 'disk an account, its opening and its state, before compaction',
    figure: disk / accounts,
    unit: 'bytes',
    beside: mega(disk),
  })
  report.begin('opening the ledger that was killed')
  const start = performance.now()
  const log = await openLedger(task.directory, NEVER_MS)
  try {
    if (log.size < acknowledgedSize || log.ledger.state.accounts.count < accounts)
      throw new Error(`${acknowledgedSize} entries were acknowledged, ${log.size} are there`)
    const workload = new Workload(log.ledger.state.ledgerId!, newBalances(SAMPLES + 1000), 7)
    await submit(log, workload.issues(1))
    report.add({
      what: 'start after kill -9, with so many accounts',
      figure: (performance.now() - start) / 1000,
      unit: 's',
      beside: `${formatFigure(log.size)} entries; nothing acknowledged is lost`,
    })
    const sealing = performance.now()
    await log.publisher.publish()
    report.add({ what: 'seal of one changed account of those', figure: performance.now() - sealing, unit: 'ms' })
    return bytesPerAccount
  } finally {
    await log.close()
  }
}
