import { ClientError, type TallyClient } from '../client/index.ts'
import { utf8Decode } from '../core/bytes.ts'
import type { KeptLast } from './kept-last.ts'
import type { TimeWatch } from './time-watch.ts'
import type { TotalsWatch } from './totals-watch.ts'
import type { Trouble, Watcher } from './watcher.ts'

/** What looks at a log, and keeps what it accepts. */
export interface Looking {
  readonly client: Pick<TallyClient, 'checkpoint'>
  readonly watcher: Watcher
  readonly time: TimeWatch
  readonly totals: TotalsWatch
  readonly kept?: KeptLast
}

/** What one look at a log found. */
export interface Looked {
  readonly troubles: readonly Trouble[]
  /** What kept the log from answering, where it does not. */
  readonly silence?: ClientError
  /** `withheld`, of a log that fell silent meanwhile: no trouble by itself, and what it signed is worth being kept. */
  readonly unheard: readonly Trouble[]
}

/**
 * Looks at a log once: at its checkpoint and what that was signed over, and at ledger time. A log that signs and does
 * not serve what it signed is trouble at once. One that has fallen silent since it was asked for its checkpoint is not:
 * so it is asked for that once more.
 *
 * @throws UsageError `state`, `file` where what was accepted cannot be kept.
 */
export async function lookAt({ client, watcher, time, totals, kept }: Looking, nowMs: number): Promise<Looked> {
  const note = await answerOf(client.checkpoint())
  if (note instanceof ClientError) return silent(watcher, nowMs, note, [])
  const looked = await watcher.look(note, nowMs)
  const found = [...looked, ...((await kept?.keep(nowMs)) ?? [])]
  const timed = await answerOf(time.look(nowMs))
  if (timed instanceof ClientError) found.push(unserved('ledger time', timed, watcher))
  else found.push(...timed)
  const opened = await answerOf(totals.look(nowMs, time.last, watcher))
  if (opened instanceof ClientError) found.push(unserved('totals', opened, watcher))
  else found.push(...opened)
  if (!found.some(isWithheld)) return { troubles: found, unheard: [] }
  const again = await answerOf(client.checkpoint())
  return again instanceof ClientError ? silent(watcher, nowMs, again, found) : { troubles: found, unheard: [] }
}

/** What is found where the log does not answer, or does so no more. */
function silent(watcher: Watcher, nowMs: number, silence: ClientError, found: readonly Trouble[]): Looked {
  const troubles = [...found.filter(one => !isWithheld(one)), ...watcher.silent(nowMs, silence.message)]
  return { troubles, silence, unheard: found.filter(isWithheld) }
}

function unserved(subject: string, { message }: ClientError, { last }: Watcher): Trouble {
  const what = `what shows its ${subject} is not served: ${message}`
  const evidence = last === undefined ? {} : { evidence: { checkpoint: utf8Decode(last.note) } }
  return { code: 'withheld', message: what, subject, ...evidence }
}

function isWithheld({ code }: Trouble): boolean {
  return code === 'withheld'
}

async function answerOf<T>(asking: Promise<T>): Promise<T | ClientError> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof ClientError) return error
    throw error
  }
}
