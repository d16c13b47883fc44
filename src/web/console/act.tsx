import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, change } from '../shell/numbers.ts'
import type { ActDone, ShopAsker } from './ask-shop.ts'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

interface ActProps {
  readonly shop: ShopAsker
  readonly member: string
  readonly unit: string
  onDone(): void
}

const NOBODY = { kind: 'adjust' as 'earn' | 'adjust', points: '', reason: '' }

/** A name under which an act counts once, however often it is sent. */
function freshId(): string {
  return `console-${Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Gives points, or corrects what she has, for a reason: said in one sentence before it is done. */
export function Act({ shop, member, unit, onDone }: ActProps) {
  const { acts: words } = useWords(CONSOLE)
  const language = useLanguage()
  const [typed, setTyped] = useState(NOBODY)
  const [id, setId] = useState<string>()
  const [done, setDone] = useState<ActDone>()
  const [problem, setProblem] = useState<ShopProblem>()
  const [link, setLink] = useState<string>()
  const kinds = (['earn', 'adjust'] as const).filter(kind => shop.may(kind))
  const kind = kinds.includes(typed.kind) ? typed.kind : kinds[0]
  const points = Number(typed.points)
  const reason = typed.reason.trim()
  const isReady = Number.isSafeInteger(points) && reason !== '' && (kind === 'earn' ? points > 0 : points !== 0)
  const send = () => {
    if (kind === undefined || id === undefined) return
    setProblem(undefined)
    shop.act(kind, member, { points, reason, unit, id }).then(
      said => {
        setDone(said)
        onDone()
      },
      error => setProblem(problemIn(error)),
    )
  }
  const again = () => {
    setTyped(NOBODY)
    setId(undefined)
    setDone(undefined)
    setProblem(undefined)
  }
  const makeLink = () =>
    void shop.link(member, location.origin).then(
      made => setLink(made.link),
      error => setProblem(problemIn(error)),
    )
  return (
    <details class="act">
      <summary>{words.open}</summary>
      <Alarm problem={problem} />
      {done !== undefined ? (
        <p role="status">
          {words.done(change(done.points, language), amount(done.entry, language))}{' '}
          <button type="button" class="link" onClick={again}>
            {words.again}
          </button>
        </p>
      ) : id !== undefined ? (
        <div class="say" role="status">
          <p>{(points > 0 ? words.give : words.take)(amount(Math.abs(points), language), unit, member, reason)}</p>
          <p class="acts">
            <button type="button" class="button" onClick={send}>
              {words.confirm}
            </button>
            <button type="button" class="button plain" onClick={() => setId(undefined)}>
              {words.back}
            </button>
          </p>
        </div>
      ) : (
        kind !== undefined && (
          <form
            class="answer"
            onSubmit={event => {
              event.preventDefault()
              if (isReady) setId(freshId())
            }}
          >
            <label>
              {words.kind}
              <select
                value={kind}
                onChange={event => setTyped({ ...typed, kind: event.currentTarget.value as 'earn' | 'adjust' })}
              >
                {kinds.map(one => (
                  <option key={one} value={one}>
                    {words[one]}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {words.points}
              <input
                type="number"
                step="1"
                value={typed.points}
                onInput={event => setTyped({ ...typed, points: event.currentTarget.value })}
              />
              {kind === 'adjust' && <span class="tiny soft">{words.pointsMore}</span>}
            </label>
            <label>
              {words.reason}
              <input
                type="text"
                maxLength={200}
                value={typed.reason}
                onInput={event => setTyped({ ...typed, reason: event.currentTarget.value })}
              />
              <span class="tiny soft">{words.reasonMore}</span>
            </label>
            <button type="submit" class="button" disabled={!isReady}>
              {words.look}
            </button>
          </form>
        )
      )}
      {shop.may('links') && (
        <>
          <p class="acts">
            <button type="button" class="button plain" onClick={makeLink}>
              {words.link}
            </button>
            <span class="tiny soft">{words.linkMore}</span>
          </p>
          {link !== undefined && (
            <p role="status">
              <input class="whole" type="text" readOnly aria-label={words.link} value={link} />
            </p>
          )}
        </>
      )}
    </details>
  )
}
