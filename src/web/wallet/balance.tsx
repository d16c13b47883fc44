import type { ComponentChildren } from 'preact'
import { FitsIcon, HalfIcon, OpensIcon } from '../shell/icons.tsx'
import { useLanguage, useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Checks } from '../shell/marks.tsx'
import { amount, clock, moment } from '../shell/numbers.ts'
import { Stick } from '../shell/stick.tsx'
import type { StatementFacts, Verdict } from '../verify/verdict.ts'
import { Open, Steps } from '../verify/verdict-parts.tsx'
import type { DetailsSource } from './reason.ts'
import { Why } from './why.tsx'
import { WALLET } from './words.ts'

/** Below what can be spent: they come behind the page. */
const Facts = later(async () => (await import('../verify/facts.tsx')).Facts, true)
const Expiring = later(async () => (await import('./expiring.tsx')).Expiring, true)
const History = later(async () => (await import('./history.tsx')).History, true)

/** A ledger seals at least once an hour: what is older is not the latest. */
const OLD_MS = 65 * 60_000

interface BalanceProps {
  readonly verdict: Verdict
  /** When it was checked, by the clock of this device. */
  readonly checkedMs: number
  readonly isOffline: boolean
  /** Whether the card is one that the visitor brought. */
  readonly isYours: boolean
  /** What says why a reward is what it is. */
  readonly behind: DetailsSource
  /** What is to be said besides, above the steps; and what stands below what is hers, such as what she can do. */
  readonly beside?: ComponentChildren
  readonly below?: ComponentChildren
  /** By whose policy. */
  readonly children: ComponentChildren
}

/** What a statement that holds says: first what can be spent, then the line that says why that is right. */
export function Balance(props: BalanceProps) {
  const { verdict, checkedMs, isOffline, isYours, behind, beside, below, children } = props
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
        {beside}
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
      {below}
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
        <Expiring lots={statement.lots} asOfMs={asOfMs} />
      )}
      <History statement={statement} more={line => <Why line={line} behind={behind} />} />
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
