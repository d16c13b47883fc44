import type { Both } from '../shell/both.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { type Check, Checks } from '../shell/marks.tsx'
import { amount, clock, day, moment } from '../shell/numbers.ts'
import type { CheckedLedger } from './look.ts'
import { TRANSPARENCY } from './words.ts'

type TransparencyWords = typeof TRANSPARENCY extends Both<infer T> ? T : never

/** A ledger seals at least once an hour, and is late by then. */
const STALE_MS = 65 * 60_000

/** How large the log is, who sees the same, and how old that is. */
export function Lead({ look, now }: { look: CheckedLedger; now: number }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  const { size, sealMs } = look
  const ageMs = Math.max(0, now - sealMs)
  const isStale = ageMs > STALE_MS
  return (
    <div class="lead">
      <h1>
        {isStale
          ? ageMs > 2 * STALE_MS
            ? words.staleSince(day(sealMs, language))
            : words.stale(amount(Math.round(ageMs / 60_000), language))
          : `${words.entries(amount(size, language))}${language === 'zh' ? '' : ' '}${whoSees(look, words)}`}
      </h1>
      <p class="soft">
        {words.signed(ageOf(ageMs))} {isStale && words.staleMore}
      </p>
    </div>
  )

  function ageOf(ms: number): string {
    const seconds = Math.round(ms / 1000)
    if (seconds < 60) return words.age(seconds)
    return seconds < 3600 ? words.ageMinutes(Math.round(seconds / 60)) : words.ageAt(moment(sealMs, language))
  }
}

function whoSees({ witnesses, isWitnessed, quorum }: CheckedLedger, words: TransparencyWords): string {
  if (quorum === 'none' && witnesses.every(({ cosignedMs }) => cosignedMs === undefined)) return words.noWitness
  if (!isWitnessed) return words.tooFew
  return witnesses.every(({ cosignedMs }) => cosignedMs !== undefined) ? words.sameForAll : words.sameForEnough
}

/** A bar for the ledger and for each witness of its policy: whole where it cosigned this very checkpoint. */
export function Witnesses({ look: { size, sealMs, witnesses } }: { look: CheckedLedger }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  return (
    <section aria-label={words.who}>
      <div class={witnesses[0]?.cosignedMs === undefined ? 'who gap' : 'who'}>
        <div>
          <b>{words.ledger}</b>
          <small>
            {clock(sealMs, language, true)} · {amount(size, language)}
          </small>
        </div>
        <div class="bar ledger" />
      </div>
      {witnesses.map(({ name, cosignedMs }, i) => (
        <div class={witnesses[i + 1]?.cosignedMs === undefined ? 'who gap' : 'who'} key={name}>
          <div>
            <b>{name}</b>
            <small>{cosignedMs === undefined ? words.notYet : words.same(clock(cosignedMs, language, true))}</small>
          </div>
          <div class={cosignedMs === undefined ? 'bar none' : 'bar'} />
        </div>
      ))}
    </section>
  )
}

/** What this browser checked, and what it did not. */
export function CheckedHere({ look, days }: { look: CheckedLedger; days: number }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  const { witnesses, isWitnessed, quorum, grew, before, origin } = look
  const cosigned = witnesses.filter(({ cosignedMs }) => cosignedMs !== undefined).map(({ name }) => name)
  const ok = (name: string, more?: string): Check => ({
    state: 'ok',
    what: words.checks[name]![0],
    ...(more === undefined ? {} : { more }),
  })
  const open = (name: string): Check => ({ state: 'open', what: words.open[name]![0], more: words.open[name]![1] })
  return (
    <div class="cols">
      <section>
        <h2>{words.checkedHead}</h2>
        <Checks
          of={[
            ok('signed', origin),
            ok('seal'),
            ...(cosigned.length > 0 ? [ok('cosigned', words.cosignedBy(cosigned.join(', '), quorum))] : []),
            ...(grew === 'grew' ? [ok('grew', words.grewFrom(amount(before!.size, language)))] : []),
            ...(days > 0 ? [ok('totals', words.days(amount(days, language)))] : []),
          ]}
        />
      </section>
      <section>
        <h2>{words.uncheckedHead}</h2>
        <Checks
          of={[
            ...(quorum === 'none' ? [open('witness')] : isWitnessed ? [] : [open('few')]),
            ...(grew === 'first' ? [open('first')] : []),
            open('policy'),
            open('entries'),
            ...(days > 0 ? [open('names')] : []),
            open('happened'),
            open('answers'),
          ]}
        />
      </section>
    </div>
  )
}
