import { useEffect, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../../shell/language.ts'
import { amount, moment } from '../../shell/numbers.ts'
import type { StatementFacts } from '../../verify/verdict.ts'
import type { OwnAct, OwnFacts, OwnKind, UnitPolicyFacts } from './messages.ts'
import { Field } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { Sign } from './sign.tsx'
import { OWN } from './words.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

interface ActsProps {
  readonly thread: OwnThread
  readonly statement: StatementFacts
  readonly own: OwnFacts
  onDone(): void
}

/** What the owner can do: each opens into a form, one at a time. */
export function Acts(props: ActsProps) {
  const words = useWords(OWN)
  const { thread, own } = props
  const [terms, setTerms] = useState<UnitPolicyFacts>()
  useEffect(() => void thread.terms().then(setTerms, () => {}), [])
  return (
    <section>
      <h2>{words.acts}</h2>
      {own.recovering && <Veto {...props} />}
      <Act kind="redeem" more={words.actMore.redeem}>
        <Move {...props} kind="redeem" terms={terms} />
      </Act>
      <Act kind="hold" more={words.actMore.hold}>
        <Move {...props} kind="hold" terms={terms} />
        <Holds own={own} />
      </Act>
      <Gift {...props} terms={terms} />
      <Act kind="grant" more={undefined}>
        <Grant {...props} />
        <Consents {...props} />
      </Act>
      <RecoveryTerms own={own} />
    </section>
  )
}

function Act({
  kind,
  more,
  children,
}: {
  kind: OwnKind
  more: string | undefined
  children: preact.ComponentChildren
}) {
  const words = useWords(OWN)
  return (
    <details class="more" name="act">
      <summary>
        {kind === 'grant' ? words.consents : words.actNames[kind]}
        {more !== undefined && <small>{more}</small>}
      </summary>
      {children}
    </details>
  )
}

interface MoveProps extends ActsProps {
  readonly kind: 'redeem' | 'hold' | 'transfer'
  readonly terms: UnitPolicyFacts | undefined
}

/** Points to another account: paid, given, or set aside. */
function Move({ kind, thread, statement, terms, onDone }: MoveProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  const [to, setTo] = useState('')
  const [points, setPoints] = useState('')
  const [until, setUntil] = useState(() => localTime(Date.now() + DAY_MS))
  const act = (): OwnAct => {
    const moved = { to: whole(to), amount: whole(points) }
    return kind === 'hold' ? { kind, ...moved, untilMs: new Date(until).getTime() } : { kind, ...moved }
  }
  const { unit, available } = statement
  const steps = terms === undefined || terms.step === 1 ? '' : ` · ${words.step(amount(terms.step, language))}`
  return (
    <Sign thread={thread} unit={unit} act={act} onDone={onDone}>
      <Field
        label={words.to}
        type="number"
        value={to}
        onValue={setTo}
        {...(terms?.treasury !== undefined && kind !== 'transfer' ? { more: words.toTreasury(terms.treasury) } : {})}
      />
      <Field
        label={words.amount}
        type="number"
        value={points}
        onValue={setPoints}
        more={`${words.amountMore(amount(available, language), unit)}${steps}`}
      />
      {kind === 'hold' && (
        <Field
          label={words.until}
          type="datetime-local"
          value={until}
          onValue={setUntil}
          {...(terms === undefined
            ? {}
            : { more: words.untilMost(amount(Math.floor(terms.holdMaxMs / DAY_MS), language)) })}
        />
      )}
    </Sign>
  )
}

function Gift(props: ActsProps & { readonly terms: UnitPolicyFacts | undefined }) {
  const words = useWords(OWN)
  const language = useLanguage()
  const { terms } = props
  if (terms === undefined) return null
  if (terms.giftEach === 0) return <p class="small soft">{words.noGifts}</p>
  return (
    <Act
      kind="transfer"
      more={words.actMore.transfer(amount(terms.giftEach, language), amount(terms.giftDay, language))}
    >
      <Move {...props} kind="transfer" />
    </Act>
  )
}

/** What is set aside now: hers to see, and not to release. */
function Holds({ own: { holds } }: { own: OwnFacts }) {
  const words = useWords(OWN)
  const language = useLanguage()
  if (holds.length === 0) return null
  return (
    <>
      <h3>{words.holds}</h3>
      <ul class="dates">
        {holds.map(({ id, amount: points, credit, untilMs }) => (
          <li key={id}>{words.hold(amount(points, language), credit, moment(untilMs, language))}</li>
        ))}
      </ul>
      <p class="tiny soft">{words.holdsMore}</p>
    </>
  )
}

function Grant({ thread, statement, onDone }: ActsProps) {
  const words = useWords(OWN)
  const [may, setMay] = useState<0 | 1>(0)
  const [to, setTo] = useState('')
  const [terms, setTerms] = useState('')
  const [until, setUntil] = useState('')
  const act = (): OwnAct => {
    const untilMs = until === '' ? 0 : new Date(until).getTime()
    return { kind: 'grant', to: whole(to), may, untilMs, terms }
  }
  return (
    <Sign thread={thread} unit={statement.unit} act={act} onDone={onDone}>
      <h3>{words.actNames.grant}</h3>
      <fieldset>
        <legend>{words.consentMay}</legend>
        {words.consentMays.map((name, i) => (
          <label class="choice" key={name}>
            <input type="radio" name="may" checked={may === i} onChange={() => setMay(i as 0 | 1)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <Field label={words.consentTo} type="number" value={to} onValue={setTo} />
      <Field label={words.consentTerms} value={terms} onValue={setTerms} more={words.consentTermsMore} />
      <Field label={words.consentUntil} type="datetime-local" isOptional value={until} onValue={setUntil} />
    </Sign>
  )
}

/** Consents that stand, each with how it is withdrawn. */
function Consents({ thread, statement, own: { consents }, onDone }: ActsProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  if (consents.length === 0) return <p class="small soft">{words.consentsNone}</p>
  return (
    <ul class="consents">
      {consents.map(({ id, to, may, untilMs }) => (
        <li key={id}>
          <b>{may === 0 ? words.consentSee(to) : words.consentTake(to)}</b>
          <span class="small soft">
            {untilMs === undefined ? words.withoutEnd : words.untilMoment(moment(untilMs, language))}
          </span>
          <details>
            <summary>{words.withdraw}</summary>
            <Sign thread={thread} unit={statement.unit} act={() => ({ kind: 'withdraw', grant: id })} onDone={onDone}>
              <p class="small soft">{words.consentsWithdraw}</p>
            </Sign>
          </details>
        </li>
      ))}
    </ul>
  )
}

/** Somebody is about to put another key in place: the owner can stop it. */
function Veto({ thread, statement, own: { recovering }, onDone }: ActsProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  if (recovering === undefined) return null
  const { key, dueMs } = recovering
  return (
    <div class="broken half" role="alert">
      <h2>{words.actNames.veto}</h2>
      <Sign thread={thread} unit={statement.unit} act={() => ({ kind: 'veto' })} onDone={onDone}>
        <p>{words.recovering(`${key.slice(0, 8)}…`, moment(dueMs, language))}</p>
      </Sign>
    </div>
  )
}

function RecoveryTerms({ own: { recovery } }: { own: OwnFacts }) {
  const words = useWords(OWN)
  const language = useLanguage()
  const span = (ms: number) =>
    ms % DAY_MS === 0 && ms > DAY_MS
      ? words.days(amount(ms / DAY_MS, language))
      : words.hours(amount(Math.floor(ms / HOUR_MS), language))
  return (
    <details class="more" name="act">
      <summary>{words.recovery}</summary>
      {recovery === undefined ? (
        <p class="prose">{words.recoveryNone}</p>
      ) : (
        <>
          <p class="prose">{words.recoveryTerms(recovery.need, recovery.keys.length, span(recovery.delayMs))}</p>
          <ul class="keylines">
            {recovery.keys.map(key => (
              <li key={key}>
                <code>{key}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  )
}

/** What was written as a whole number; NaN where it is none. */
function whole(text: string): number {
  return /^\d{1,16}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN
}

/** A time as a field of the browser has it: by the clock of the reader. */
function localTime(ms: number): string {
  const at = new Date(ms)
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
