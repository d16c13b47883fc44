import { useEffect, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, shortDay } from '../shell/numbers.ts'
import type { Verdict } from '../verify/verdict.ts'
import type { Verifier } from '../verify/verifier.ts'
import { headOf } from '../words/codes.ts'
import { Act } from './act.tsx'
import type { ShopAsker, ShownBalance, ShownMovement, ShownRefusal } from './ask-shop.ts'
import { Freeze } from './freeze.tsx'
import { Story } from './story.tsx'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

interface MemberProps {
  readonly member: string
  readonly shop: ShopAsker
  readonly verifier: Verifier
}

interface Shown {
  readonly movements: readonly ShownMovement[]
  readonly next: string | null
  readonly refused: readonly ShownRefusal[]
  /** The first entry of the log that was looked at for refusals. */
  readonly from: number
}

/** One member: what she has, whether that is right, and her story with each refusal explained. */
export function MemberView({ member, shop, verifier }: MemberProps) {
  const words = useWords(CONSOLE)
  const [units, setUnits] = useState<Readonly<Record<string, ShownBalance>>>()
  const [unit, setUnit] = useState<string>()
  const [shown, setShown] = useState<Shown>()
  const [problem, setProblem] = useState<ShopProblem>()
  /** Counts acts, after each of which all is asked again. */
  const [turn, setTurn] = useState(0)
  const failed = (error: unknown) => setProblem(problemIn(error))

  useEffect(() => {
    shop.units(member).then(found => {
      setUnits(found)
      setUnit(before => before ?? Object.keys(found)[0])
    }, failed)
  }, [member, shop, turn])
  useEffect(() => {
    if (unit === undefined) return
    Promise.all([shop.movements(member, unit), shop.refused(member, unit)]).then(
      ([{ movements, next }, { refused, from }]) => setShown({ movements, next, refused, from }),
      failed,
    )
  }, [member, shop, unit, turn])

  const more = () => {
    if (shown === undefined || unit === undefined) return
    const { next, from } = shown
    Promise.all([
      next === null ? undefined : shop.movements(member, unit, next),
      from === 0 ? undefined : shop.refused(member, unit, from),
    ]).then(
      ([moved, refused]) =>
        setShown({
          movements: [...shown.movements, ...(moved?.movements ?? [])],
          next: moved?.next ?? null,
          refused: [...shown.refused, ...(refused?.refused ?? [])],
          from: refused?.from ?? 0,
        }),
      failed,
    )
  }

  const balance = unit === undefined ? undefined : units?.[unit]
  return (
    <>
      <div class="person">
        <h1>{member}</h1>
        {balance !== undefined && <span>{words.account(balance.account)}</span>}
        {balance !== undefined && balance.status !== 'open' && (
          <b>{words.statuses[balance.status] ?? balance.status}</b>
        )}
        {unit !== undefined && (
          <Replayed member={member} unit={unit} shop={shop} verifier={verifier} balance={balance} />
        )}
      </div>
      <Alarm problem={problem} />
      {units !== undefined && Object.keys(units).length > 1 && (
        <label class="unit-of">
          {words.unit}
          <select value={unit} onChange={event => setUnit(event.currentTarget.value)}>
            {Object.keys(units).map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {balance !== undefined && <Figures balance={balance} />}
      {unit !== undefined && (shop.may('earn') || shop.may('adjust') || shop.may('links')) && (
        <Act key={unit} shop={shop} member={member} unit={unit} onDone={() => setTurn(before => before + 1)} />
      )}
      {(balance?.status === 'open' || balance?.status === 'frozen') && shop.may('freeze') && (
        <Freeze
          key={`${unit} ${balance.status}`}
          {...{ shop, member, unit: unit! }}
          isFrozen={balance.status === 'frozen'}
          onDone={() => setTurn(before => before + 1)}
        />
      )}
      {shown !== undefined && (
        <>
          <Story movements={shown.movements} refused={shown.refused} unit={unit!} />
          {(shown.next !== null || shown.from > 0) && (
            <p>
              <button type="button" class="button plain" onClick={more}>
                {words.more}
              </button>
              {shown.from > 0 && <span class="small soft"> {words.lookedFrom(shown.from)}</span>}
            </p>
          )}
          <p class="small soft prose">{words.notListed}</p>
        </>
      )}
    </>
  )
}

function Figures({ balance: { available, pending, held, balance, expiring } }: { balance: ShownBalance }) {
  const words = useWords(CONSOLE)
  const language = useLanguage()
  const [soon] = expiring
  return (
    <dl class="figs">
      {(
        [
          [words.available, available],
          [words.pending, pending],
          [words.held, held],
          [words.balance, balance],
        ] as const
      ).map(([name, points]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{amount(points, language)}</dd>
        </div>
      ))}
      {soon !== undefined && (
        <div>
          <dt>{words.expires(shortDay(Date.parse(soon.at) - 1, language))}</dt>
          <dd>{amount(soon.points, language)}</dd>
        </div>
      )}
    </dl>
  )
}

/** Whether her statement holds, checked in this browser, and comes to the balance that the gateway says. */
function Replayed({
  member,
  unit,
  shop,
  verifier,
  balance,
}: MemberProps & { unit: string; balance: ShownBalance | undefined }) {
  const words = useWords(CONSOLE)
  const language = useLanguage()
  const [verdict, setVerdict] = useState<Verdict | 'none'>()
  useEffect(() => {
    setVerdict(undefined)
    const judge = async () => {
      const { statement, card, policy } = await shop.proof(member, unit, verifier.fetchStatement)
      const answer = await verifier.verify({ bytes: statement, card, policy, nowMs: Date.now() })
      setVerdict('verdict' in answer ? answer.verdict : 'none')
    }
    judge().catch(() => setVerdict('none'))
  }, [member, unit, shop, verifier])
  if (verdict === undefined) return null
  if (verdict === 'none') return <Mark tone="half">{words.notReplayed}</Mark>
  if (!verdict.holds)
    return (
      <Mark tone={verdict.tone}>
        {headOf(verdict.code ?? '', language)} <code>{verdict.code}</code>
      </Mark>
    )
  const { lines, balance: made } = verdict.statement!
  // Of the last seal: what came since then is not in it.
  const isAsSaid = balance === undefined || made === balance.balance
  return (
    <Mark tone={isAsSaid ? 'fits' : 'half'}>
      {isAsSaid ? words.replayed(lines.length) : words.replayedTo(lines.length, amount(made, language))}
    </Mark>
  )
}
