import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { toHex } from '../../../core/bytes.ts'
import type { BatchRefusal } from '../../../core/entry/outcome.ts'
import { useLanguage, useWords } from '../../shell/language.ts'
import { amount, ends, moment } from '../../shell/numbers.ts'
import { outcomeWords, refusalWords } from '../../words/outcomes.ts'
import type { OwnAct, Prepared, SendResult } from './messages.ts'
import { Failure, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { OWN } from './words.ts'

/** A quarter of an hour, in which dates of points are counted. */
const QUARTER_MS = 900_000

const REFUSALS: readonly string[] = ['batch-genesis', 'signer-unknown', 'signer-revoked', 'signature-invalid', 'rate']

interface SignProps {
  readonly thread: OwnThread
  readonly unit: string
  /** What she wants; undefined where a field is not filled in so that it can be read. */
  act(): OwnAct | undefined
  /** Looks at the account again. */
  onDone(): void
  /** The fields. */
  readonly children: ComponentChildren
}

/** A form whose every way leads by what is signed, in words, to the signature, and to what became of it. */
export function Sign({ thread, unit, act, onDone, children }: SignProps) {
  const words = useWords(OWN)
  const [prepared, setPrepared] = useState<Prepared>()
  const [became, setBecame] = useState<SendResult>()
  const { isRunning, failure, run } = useHandWork()
  const prepare = () =>
    run(async () => {
      const wanted = act()
      if (wanted !== undefined) setPrepared(await thread.prepare(wanted))
    })
  const send = (entry: Uint8Array) =>
    run(async () => {
      setBecame(undefined)
      const result = await thread.send(entry)
      setBecame(result)
      if (result.became !== 'lost') onDone()
    })
  if (prepared === undefined)
    return (
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          prepare()
        }}
      >
        {children}
        <p class="acts">
          <button type="submit" class="button" disabled={isRunning}>
            {words.read}
          </button>
        </p>
        <Failure of={failure} />
      </form>
    )
  const again = () => {
    setPrepared(undefined)
    setBecame(undefined)
  }
  return (
    <div class="form">
      <div class="card signs">
        <h3>{words.signHead}</h3>
        <Signed of={prepared} unit={unit} />
      </div>
      {became === undefined ? (
        <p class="acts">
          <button type="button" class="button" disabled={isRunning} onClick={() => send(prepared.entry)}>
            {words.sign}
          </button>
          <button type="button" class="button plain" disabled={isRunning} onClick={again}>
            {words.cancel}
          </button>
        </p>
      ) : null}
      {isRunning && <p role="status">{words.signing}</p>}
      <Failure of={failure} />
      {became && (
        <>
          <Became result={became} />
          <p class="acts">
            {became.became === 'lost' ? (
              <button type="button" class="button" disabled={isRunning} onClick={() => send(prepared.entry)}>
                {words.sendAgain}
              </button>
            ) : (
              <button type="button" class="button plain" onClick={again}>
                {words.again}
              </button>
            )}
          </p>
        </>
      )}
    </div>
  )
}

/** What is signed, in words: made of the very bytes. */
function Signed({ of: { transaction, ledgerId, to }, unit }: { of: Prepared; unit: string }) {
  const { signs, ...words } = useWords(OWN)
  const language = useLanguage()
  const digits = (n: number) => amount(n, language)
  const until = (ms: number) => (ms === 0 ? words.withoutEnd : words.untilMoment(moment(ms, language)))
  const account = 'debit' in transaction ? transaction.debit : transaction.account
  return (
    <ul class="told">
      <li>
        <b>{what()}</b>
      </li>
      <li>{words.signFrom(account)}</li>
      {transaction.kind === 'transfer' && transaction.expires !== 0 && (
        <li>{words.signExpires(moment(transaction.expires * QUARTER_MS, language))}</li>
      )}
      {'debit' in transaction && transaction.kind !== 'hold' && <li>{words.signNoBack}</li>}
      <li class="small soft">{words.signIn(ends(ledgerId))}</li>
      <li class="small soft">{words.signOnce(ends(toHex(transaction.id)))}</li>
    </ul>
  )

  function what(): string {
    switch (transaction.kind) {
      case 'redeem':
      case 'transfer':
        return signs[transaction.kind](digits(transaction.amount), unit, String(transaction.credit))
      case 'hold':
        return signs.hold(
          digits(transaction.amount),
          unit,
          String(transaction.credit),
          moment(transaction.until, language),
        )
      case 'grant':
        return transaction.may === 0
          ? signs.grantSee(String(transaction.to), to?.role ?? '?', until(transaction.until))
          : signs.grantTake(String(transaction.to), until(transaction.until))
      case 'withdraw':
        return signs.withdraw(ends(toHex(transaction.grant)))
      case 'veto':
        return signs.veto
    }
  }
}

/** What became of what was sent, and what to do. */
export function Became({ result }: { result: SendResult }) {
  const words = useWords(OWN)
  const language = useLanguage()
  switch (result.became) {
    case 'accepted':
      return (
        <div class="became fits" role="status">
          <b>{words.accepted(amount(result.index, language))}</b>
          <p class="small soft">{words.keptPapers}</p>
        </div>
      )
    case 'refused':
      return (
        <div class="refused" role="alert">
          <b>{words.refused(outcomeWords(result.outcome, language))}</b>
          <p class="small">{words.todo[result.outcome] ?? words.todoElse}</p>
          <p class="small soft">
            {words.refusedMore} <code>{result.outcome}</code>
          </p>
        </div>
      )
    case 'turned-away':
      return (
        <div class="refused" role="alert">
          <b>
            {words.turnedAway(
              REFUSALS.includes(result.code) ? refusalWords(result.code as BatchRefusal, language) : result.message,
            )}
          </b>
          <p class="small">{words.todo[result.code] ?? words.todoElse}</p>
          <p class="small soft">
            {result.isSigned && words.turnedSigned} <code>{result.code}</code>
          </p>
        </div>
      )
    case 'lost':
      return (
        <div class="refused" role="alert">
          <b>{words.lost}</b>
          <p class="small">{words.lostMore}</p>
        </div>
      )
    case 'false':
      return (
        <div class="broken" role="alert">
          <h2>{words.false}</h2>
          <p>{words.falseMore}</p>
          <p class="tiny" lang="en">
            {result.message} (<code>{result.code}</code>)
          </p>
        </div>
      )
  }
}
