import type { ComponentChildren } from 'preact'
import { FitsIcon, HalfIcon, OpensIcon } from '../shell/icons.tsx'
import { useLanguage, useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Checks } from '../shell/marks.tsx'
import { amount, clock, moment } from '../shell/numbers.ts'
import { Stick } from '../shell/stick.tsx'
import type { StatementFacts, Verdict } from '../verify/verdict.ts'
import { Open, Steps } from '../verify/verdict-parts.tsx'
import { Why } from './why.tsx'
import { WALLET } from './words.ts'

/** Below what can be spent: they come behind the page. */
const Facts = later(async () => (await import('../verify/facts.tsx')).Facts, true)
const Lines = later(async () => (await import('../verify/lines.tsx')).Lines, true)

/** A ledger seals at least once an hour: what is older is not the latest. */
const OLD_MS = 65 * 60_000
const DAY_MS = 86_400_000
/** Within so many days it is said in how many. */
const SOON_DAYS = 60

interface BalanceProps {
  readonly verdict: Verdict
  /** When it was checked, by the clock of this device. */
  readonly checkedMs: number
  readonly isOffline: boolean
  /** Whether the card is one that the visitor brought. */
  readonly isYours: boolean
  /** Of the link: what says why a reward is what it is. */
  readonly token: string
  /** By whose policy. */
  readonly children: ComponentChildren
}

/** What a statement that holds says: first what can be spent, then the line that says why that is right. */
export function Balance({ verdict, checkedMs, isOffline, isYours, token, children }: BalanceProps) {
  const words = useWords(WALLET)
  const language = useLanguage()
  const statement = verdict.statement!
  const { available, unit, asOfMs, lines, balance } = statement
  const isFirst = lines.length <= 1
  const isOld = checkedMs - asOfMs > OLD_MS
  const asOf = moment(asOfMs, language)
  const hasCard = !verdict.unchecked.includes('yours')
  const tone = isOffline ? 'away' : isOld || !hasCard ? 'half' : 'fits'
  const amounts = verdict.halves?.amounts ?? []
  return (
    <>
      <h1 class="spend">
        <b class="n">{amount(available, language)}</b>{' '}
        <span>{available < 0 ? words.debt(unit) : words.toSpend(unit)}</span>
      </h1>
      <details class={`seam ${tone}`}>
        <summary>
          <Stick upper={amounts} lower={amounts} tone={isOffline ? 'away' : 'fits'} isClosing={!isOffline} />
          <span class="said">
            {tone === 'half' ? <HalfIcon /> : <FitsIcon />}
            <span role="status">
              <b>{sentence()}</b>
              <span class="soft">
                {words.checkedHere(amount(lines.length, language), clock(checkedMs, language))} {words.opens}
              </span>
            </span>
            <OpensIcon />
          </span>
        </summary>
        <h2>{words.checked}</h2>
        <Steps verdict={verdict} />
        <h2 class="next">{words.unchecked}</h2>
        <Open verdict={verdict} />
        <Checks
          of={[...(isYours || !hasCard ? [] : [words.cardFromShop]), words.refusals].map(([what, more]) => ({
            state: 'open',
            what,
            more,
          }))}
        />
        {children}
      </details>
      <Rest statement={statement} />
      <Facts verdict={verdict} />
      {isFirst && balance === 0 ? (
        <section>
          <h2>{words.empty}</h2>
          <p>{words.emptyMore}</p>
          <p>
            <a href="/rules">{words.emptyLink}</a>
          </p>
        </section>
      ) : (
        <Expiring statement={statement} />
      )}
      <Lines statement={statement} more={line => <Why line={line} token={token} />} />
    </>
  )

  function sentence(): string {
    if (isOffline) return words.away(asOf)
    if (!hasCard) return words.noCard
    if (isOld) return words.old(asOf)
    return isFirst ? words.fitsFirst : words.fits
  }
}

/** What is hers and cannot be spent now, and the sum. */
function Rest({ statement }: { statement: StatementFacts }) {
  const words = useWords(WALLET)
  const language = useLanguage()
  const { pending, held, overdue, balance, account, asOfMs, lots, holds } = statement
  const digits = (points: number) => amount(points, language)
  const unripe = lots.filter(({ maturesMs }) => maturesMs !== undefined && maturesMs > asOfMs)
  return (
    <dl class="rest">
      <Row name={words.pending} figure={digits(pending)}>
        {unripe.map(one => words.pendingFrom(digits(one.amount), moment(one.maturesMs!, language)))}
      </Row>
      <Row name={words.held} figure={digits(held)}>
        {holds.map(one => words.heldUntil(digits(one.amount), moment(one.untilMs, language)))}
      </Row>
      {overdue > 0 && (
        <Row name={words.overdue} figure={digits(overdue)}>
          {[words.overdueMore]}
        </Row>
      )}
      <Row name={words.all} figure={digits(balance)}>
        {[]}
      </Row>
      <Row name={words.account} figure={String(account)}>
        {[]}
      </Row>
      <Row name={words.asOf} figure={moment(asOfMs, language)}>
        {[]}
      </Row>
    </dl>
  )
}

/** Rows below a name that are shown: an account can have a thousand lots. */
const NOTES_MAX = 5

function Row({ name, figure, children }: { name: string; figure: string; children: readonly string[] }) {
  return (
    <div>
      <dt>
        {name}
        {children.slice(0, NOTES_MAX).map((text, i) => (
          <small key={i}>{text}</small>
        ))}
        {children.length > NOTES_MAX && <small>…</small>}
      </dt>
      <dd>{figure}</dd>
    </div>
  )
}

/** What expires when, the soonest first. */
function Expiring({ statement: { lots, asOfMs } }: { statement: StatementFacts }) {
  const words = useWords(WALLET)
  const language = useLanguage()
  const byDate = new Map<number, number>()
  for (const { expiresMs, amount: points } of lots)
    if (expiresMs !== undefined && expiresMs > asOfMs) byDate.set(expiresMs, (byDate.get(expiresMs) ?? 0) + points)
  const dates = [...byDate].sort(([one], [other]) => one - other)
  return (
    <section>
      <h2>{words.expiring}</h2>
      {dates.length === 0 ? (
        <p class="small">{words.expiringNone}</p>
      ) : (
        <>
          <ul class="dates">
            {dates.map(([ms, points]) => (
              <li key={ms}>
                <span>
                  {moment(ms, language)} {inDays(ms)}
                </span>
                <b class="n">{amount(points, language)}</b>
              </li>
            ))}
          </ul>
          <p class="tiny soft">{words.expiringMore}</p>
        </>
      )}
    </section>
  )

  function inDays(ms: number) {
    const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
    const days = Math.round((midnight(ms) - midnight(Date.now())) / DAY_MS)
    return days < 0 || days > SOON_DAYS ? null : <b>{words.expiresIn(days)}</b>
  }
}
