import type { TimeWatch } from '../../src/monitor/time-watch.ts'
import type { TotalsWatch } from '../../src/monitor/totals-watch.ts'
import type { PromiseState, Trouble, Watcher } from '../../src/monitor/watcher.ts'
import type { Metric } from '../../src/operations/metrics.ts'
import { inWords } from './fault-words.ts'
import { inOneLine, table, when } from './screen.ts'

/** One look at a log, and what it found (`tally watch --json`). */
export interface Look {
  readonly time: string
  readonly origin: string
  /** What kept the log from answering, if something did. */
  readonly silence?: string
  readonly holds: boolean
  readonly troubles: readonly Trouble[]
  /** Of the checkpoint that was accepted last. */
  readonly size?: number
  readonly ageSeconds?: number
  readonly witnesses: readonly string[]
  readonly promises: Readonly<Record<string, PromiseState>>
  /** What is worth a word, and is no trouble now (`gap`, `unvouched`). */
  readonly remarks: readonly { readonly code: string; readonly message: string }[]
  /** What was checked and holds. */
  readonly checked: readonly string[]
  /** What nobody checked here, and how it could be. */
  readonly unchecked: readonly string[]
}

/** What a look is made of. */
export interface LookParts {
  readonly origin: string
  readonly nowMs: number
  readonly watcher: Watcher
  readonly time: TimeWatch
  readonly totals: Pick<TotalsWatch, 'remarks'>
  readonly troubles: readonly Trouble[]
  readonly silence?: string
  /** Size of the checkpoint that this one had to grow out of, if there was one. */
  readonly earlierSize?: number
}

/** A look in words and figures. */
export function describeLook({
  origin,
  nowMs,
  watcher,
  time,
  totals,
  troubles,
  silence,
  earlierSize,
}: LookParts): Look {
  const { last, promises } = watcher
  const ageMs = watcher.ageMs(nowMs)
  const holds = troubles.length === 0 && silence === undefined
  const isWitnessed = last?.checkpoint.isWitnessed === true
  const witnesses = (last?.checkpoint.witnesses ?? []).map(({ name }) => name)
  const kept = promises.filter(({ state }) => state === 'kept').map(({ name }) => name)
  const waiting = promises.filter(({ state }) => state === 'waiting')
  const seconds = Math.round((ageMs ?? 0) / 1000)
  const isTest = time.remarks.some(({ code }) => code === 'test-ledger')
  // Without witnesses, what is seen for the first time may be of any age.
  const hasAge = isWitnessed || earlierSize !== undefined
  return {
    time: when(nowMs),
    origin,
    ...(silence === undefined ? {} : { silence }),
    holds,
    troubles,
    ...(last === undefined ? {} : { size: last.checkpoint.size, ageSeconds: seconds }),
    witnesses,
    promises: Object.fromEntries(promises.map(({ name, state }) => [name, state])),
    remarks: [...time.remarks, ...totals.remarks],
    checked: !holds
      ? []
      : [
          'the checkpoint is signed by the log of your policy',
          ...(isWitnessed ? [`it is cosigned by ${witnesses.join(', ')}, ${seconds} s ago`] : []),
          ...(earlierSize === undefined ? [] : [`it continues the checkpoint of ${earlierSize} entries seen before`]),
          ...(hasAge ? ['it is not older than you accept'] : []),
          ...kept.map(name => `what ${name} promises is in the log`),
          ...(time.last === undefined || isTest
            ? []
            : [`ledger time is ${isWitnessed ? 'that of its witnesses' : 'that of the clock here'}`]),
          ...(time.vouchedCount === 0 ? [] : [`so it was at ${time.vouchedCount} checkpoints of its archive`]),
        ],
    unchecked: [
      ...(isWitnessed
        ? []
        : ['that everyone is shown the same log: your policy asks for no witness (no protection against split views)']),
      ...(earlierSize === undefined ? ['that it continues what you saw before (give --state)'] : []),
      ...(hasAge ? [] : ['how old it is: no witness says so, and it is seen for the first time']),
      ...(time.last === undefined ? ['what ledger time is: no seal is served'] : []),
      ...(isWitnessed || time.last === undefined ? [] : ['that ledger time was right: no witness says so']),
      ...waiting.map(({ name, promise }) => `what ${name} promises: there is time until ${when(promise.deadline)}`),
      'what the entries are, and that they follow the rules (an audit replays them)',
    ],
  }
}

/** A look for people. */
export function showLook({ origin, size, holds, silence, troubles, remarks, checked, unchecked }: Look): string {
  if (silence !== undefined && troubles.length === 0) return `${origin}: NO ANSWER\n\n  ${inOneLine(silence)}\n`
  const head = holds ? `${origin}: the log HOLDS\n\n` : `${origin}: TROUBLE\n\n`
  const found = troubles.map(({ code, message }) => `  ${code}: ${inOneLine(message)}\n`).join('')
  if (!holds) return head + found + [...new Set(troubles.map(({ code }) => code))].map(inWords).join('')
  const facts = table([
    ['', 'log', origin],
    ['', 'log size', String(size)],
  ])
  const said = remarks.map(({ code, message }) => `  ! ${code}: ${message}\n`)
  return [
    `${head}${facts}\n`,
    ...(said.length === 0 ? [] : ['Remarked:\n', ...said]),
    'Checked:\n',
    ...checked.map(text => `  + ${text}\n`),
    'Not checked:\n',
    ...unchecked.map(text => `  - ${text}\n`),
  ].join('')
}

/** How often looks ended in what, since the start. */
export interface Counts {
  holds: number
  trouble: number
  silence: number
}

/** The figures of a watch, for Prometheus. */
export function metricsOf(look: Look | undefined, origin: string, nowMs: number, counts: Counts): Metric[] {
  const labels = { origin }
  const gauge = (name: string, help: string, value: number | undefined): Metric => ({
    name: `tally_watch_${name}`,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [{ labels, value }],
  })
  const states: readonly PromiseState[] = ['waiting', 'kept', 'overdue', 'broken']
  const sinceMs = look === undefined ? 0 : nowMs - Date.parse(look.time)
  const ageSeconds = look?.ageSeconds === undefined ? undefined : look.ageSeconds + Math.round(sinceMs / 1000)
  return [
    gauge('up', '1 if the log answered the last time it was asked.', look && Number(look.silence === undefined)),
    gauge('holds', '1 if nothing was wrong the last time.', look && Number(look.holds)),
    gauge('log_size', 'Entries of the checkpoint accepted last.', look?.size),
    gauge('checkpoint_age_seconds', 'Age of the checkpoint accepted last.', ageSeconds),
    gauge('cosignatures', 'Witnesses of the policy under the checkpoint accepted last.', look?.witnesses.length),
    gauge('last_look_timestamp_seconds', 'When the log was asked last.', look && Date.parse(look.time) / 1000),
    {
      name: 'tally_watch_trouble',
      type: 'gauge',
      help: '1 for each trouble that there was the last time, by its code (SPEC §12).',
      samples: [...new Set(look?.troubles.map(({ code }) => code))].map(code => ({
        labels: { ...labels, code },
        value: 1,
      })),
    },
    {
      name: 'tally_watch_promises',
      type: 'gauge',
      help: 'Promises that are watched, by what became of them.',
      samples: states.map(state => ({
        labels: { ...labels, state },
        value: Object.values(look?.promises ?? {}).filter(one => one === state).length,
      })),
    },
    {
      name: 'tally_watch_looks_total',
      type: 'counter',
      help: 'Looks since the start, by what they ended in.',
      samples: Object.entries(counts).map(([result, value]) => ({ labels: { ...labels, result }, value })),
    },
  ]
}
