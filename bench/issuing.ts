import { join } from 'node:path'
import type { Context } from './context.ts'
import { serve } from './http.ts'
import type { IssuingLoad, IssuingResult } from './issuing-load.ts'
import { peopledLedger, published } from './ledger.ts'
import { Helper } from './thread.ts'

/** Events of a member and day, as `eventsOf` makes them. */
const EVENTS_A_DAY = 20
/** What an issuing service is to do beside the ledger, both on the same two cores. */
const EVENTS_PER_SECOND = 20_000

/**
 * How many events a second does an issuing service take, from their text to the ledger's answer: read, evaluated,
 * written down with their counters, committed to, signed by the thousand, sent over HTTP and answered for? Events that
 * earn nothing are signed one by one. The service is a thread, the ledger beside it the process.
 */
export async function issuing({ size, report, directory }: Context): Promise<void> {
  const events = size.programmeEvents
  // One day of each: points are issued within the skew of the ledger's clock.
  const members = Math.ceil(events / EVENTS_A_DAY)
  report.begin(`opening ${members} accounts, then ${events} events to an issuing service`)
  const { log } = await peopledLedger(join(directory, 'issuing'), members)
  const server = await serve(log)
  try {
    const policy = { logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' as const }
    const load: IssuingLoad = { port: server.port, policy, members, events }
    const helper = await Helper.start<IssuingResult, IssuingLoad>('issuing-load.ts', load)
    const { eventsPerSecond, rewards, cpuMicros } = await helper.run()
    await published(log)
    report.add({
      what: 'events to rewards that the ledger took',
      figure: eventsPerSecond,
      unit: '/s',
      beside: `service and ledger on the same cores; ${rewards} rewards; ${cpuMicros.toFixed(1)} µs of CPU an event in the service`,
      target: { atLeast: EVENTS_PER_SECOND },
    })
  } finally {
    await server.close()
    await log.close()
  }
}
