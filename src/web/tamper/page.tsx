import { useEffect, useRef, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { type Tone, ToneIcon } from '../shell/marks.tsx'
import { amount, change } from '../shell/numbers.ts'
import { Page } from '../shell/page.tsx'
import { Stick } from '../shell/stick.tsx'
import { type BookRow, bookOf, canSignAgain } from './book.ts'
import { LIES, type Lie, type Telling } from './lies.ts'
import { PARTIES, type Party, type PartyFinding } from './parties.ts'
import { STORY } from './story.ts'
import type { TamperAnswer } from './tamper-worker.ts'
import { TAMPER } from './words.ts'
import './tamper.css'

const CodeClause = later(async () => (await import('./code-clause.tsx')).CodeClause, true)

/** Entries that can be changed or dropped: what came in. */
const CHOICES = STORY.flatMap(({ coins }, i) => (coins > 0 ? [i + 1] : []))
const COINS_MAX = 9999

/** The lie to begin with: of the address, so that one can be pointed at. */
function first(): Telling {
  const asked = new URLSearchParams(location.search).get('lie')
  const lie = LIES.find(one => one === asked) ?? 'change'
  return { lie, entry: 5, coins: 40, isAgain: false }
}

/** /tamper: a small real ledger in the page, and the visitor is its dishonest operator. */
export function TamperPage() {
  const words = useWords(TAMPER)
  const [telling, setTelling] = useState(first)
  const { seen, trouble } = useLook(telling)
  const isSilent = telling.lie === 'silent'
  const saw = seen?.filter(({ holds }) => !holds) ?? []
  const tone: Tone = telling.lie === 'none' ? 'fits' : isSilent ? 'half' : 'breaks'
  const rows = bookOf(telling)
  const told = (part: Partial<Telling>) => setTelling(now => ({ ...now, ...part }))
  return (
    <Page place="tamper" title={words.title} brandMore={words.title} trust={words.trust}>
      <div class="tamper-lead">
        <h1>{words.head}</h1>
        <p class="prose">{words.lead}</p>
      </div>
      <div class="room">
        <Choose telling={telling} onTell={told} />
        <section class="stage">
          <h2 class={`caught ${tone}`}>{words.verdict(telling, rows)}</h2>
          <p role="status" class="soft">
            {trouble !== undefined
              ? words.trouble
              : seen === undefined
                ? words.looking
                : words.noticed(saw.length, telling.lie)}
          </p>
          <p class="pair">
            <span class="in">{words.yourHalf}</span>
          </p>
          <Halves rows={rows} tone={tone} lie={telling.lie} />
          <p class="pair">
            <span>{telling.lie === 'fork' ? words.othersHalf : words.meiHalf}</span>
          </p>
        </section>
        <section class="after">
          <h2 class="sr">{words.who}</h2>
          <ul class="parties">
            {PARTIES.map(party => (
              <Finding
                key={party}
                party={party}
                telling={telling}
                seen={seen?.find(one => one.party === party)}
                isKnown={seen !== undefined}
              />
            ))}
          </ul>
          <h2>{words.book}</h2>
          <Book rows={rows} />
          <h2>{words.away}</h2>
          <ul class="getaway">
            {words.getAway.map(one => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </section>
      </div>
    </Page>
  )
}

/** What everyone finds, asked again with each choice; the answer to the last one counts. */
function useLook(telling: Telling): { seen?: readonly PartyFinding[]; trouble?: string } {
  const worker = useRef<Worker | undefined>(undefined)
  const last = useRef(0)
  const [looked, setLooked] = useState<{ seen?: readonly PartyFinding[]; trouble?: string }>({})
  useEffect(() => {
    const started = new Worker(new URL('./tamper-worker.ts', import.meta.url), { type: 'module' })
    started.onmessage = ({ data: { id, ...answer } }: MessageEvent<TamperAnswer>) => {
      if (id === last.current) setLooked(answer)
    }
    started.onerror = ({ message }) => setLooked({ trouble: message })
    worker.current = started
    return () => started.terminate()
  }, [])
  useEffect(() => {
    setLooked({})
    worker.current!.postMessage({ id: ++last.current, telling })
  }, [telling])
  return looked
}

function Choose({ telling, onTell }: { telling: Telling; onTell(part: Partial<Telling>): void }) {
  const words = useWords(TAMPER)
  const language = useLanguage()
  const { lie, entry, coins, isAgain } = telling
  const isOfOne = lie === 'change' || lie === 'drop'
  return (
    <form class="choose" onSubmit={event => event.preventDefault()}>
      <fieldset class="lies">
        <legend>{words.choose}</legend>
        {LIES.map(name => (
          <label key={name}>
            <input
              type="radio"
              name="lie"
              checked={name === lie}
              onChange={() => onTell({ lie: name, isAgain: isAgain && canSignAgain(name) })}
            />
            <span>{words.lies[name]}</span>
          </label>
        ))}
      </fieldset>
      {isOfOne && (
        <label class="which">
          {words.which}
          <select value={entry} onChange={event => onTell({ entry: Number(event.currentTarget.value) })}>
            {CHOICES.map(number => (
              <option key={number} value={number}>
                {`${number}: ${words.rows[STORY[number - 1]!.name]} ${STORY[number - 1]!.order ?? ''} ${change(STORY[number - 1]!.coins, language)}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {lie === 'change' && (
        <label class="which">
          {words.amount}
          <input
            type="number"
            min="1"
            max={COINS_MAX}
            value={coins}
            onInput={({ currentTarget: { value } }) => {
              const typed = Math.floor(Number(value))
              if (typed >= 1 && typed <= COINS_MAX) onTell({ coins: typed })
            }}
          />
        </label>
      )}
      {canSignAgain(lie) && (
        <label class="again">
          <input
            type="checkbox"
            checked={isAgain}
            onChange={event => onTell({ isAgain: event.currentTarget.checked })}
          />
          <span>
            <b>{words.again}</b>
            <br />
            <span class="soft small">{words.againMore}</span>
          </span>
        </label>
      )}
    </form>
  )
}

/** Her half has what she kept; in the operator's a box stands where an entry is gone. */
function Halves({ rows, tone, lie }: { rows: readonly BookRow[]; tone: Tone; lie: Lie }) {
  const at = (mark: BookRow['mark']) => rows.flatMap((row, i) => (row.mark === mark ? [i] : []))
  const hers = STORY.map(({ coins }) => coins)
  const isNew = at('new').length > 0 && lie !== 'issue'
  return (
    <Stick
      upper={rows.filter(({ name }) => name !== 'issued').map(({ coins }) => coins)}
      lower={tone === 'half' ? undefined : isNew ? [...hers, 0] : hers}
      tone={tone}
      badUpper={[...at('changed'), ...(isNew ? at('new') : [])]}
      goneUpper={at('gone')}
      badLower={[...at('changed'), ...at('gone')]}
      goneLower={isNew ? at('new') : []}
    />
  )
}

interface FindingProps {
  readonly party: Party
  readonly telling: Telling
  readonly seen: PartyFinding | undefined
  readonly isKnown: boolean
}

function Finding({ party, telling: { lie }, seen, isKnown }: FindingProps) {
  const words = useWords(TAMPER)
  const name = <b>{words.parties[party]}</b>
  if (!isKnown)
    return (
      <li class="blind">
        <span />
        {name}
        <span />
      </li>
    )
  if (seen === undefined)
    return (
      <li class="blind">
        <ToneIcon tone="half" />
        {name}
        <span>{words.silent[party]}</span>
      </li>
    )
  const { holds, code = '', message } = seen
  if (holds)
    return (
      <li class={lie === 'none' ? 'fits' : 'blind'}>
        <ToneIcon tone={lie === 'none' ? 'fits' : 'away'} />
        {name}
        <span>{lie === 'none' ? words.fits[party] : (words.special[lie]?.[party] ?? words.blind[party])}</span>
      </li>
    )
  return (
    <li class={code === 'quorum' ? 'saw half' : 'saw'}>
      <ToneIcon tone={code === 'quorum' ? 'half' : 'breaks'} />
      {name}
      <span>
        {words.codes[code] ?? <CodeClause code={code} />} <code>{code}</code>
        <br />
        <span class="tiny soft" lang="en">
          {message}
        </span>
      </span>
    </li>
  )
}

function Book({ rows }: { rows: readonly BookRow[] }) {
  const words = useWords(TAMPER)
  const language = useLanguage()
  return (
    <div class="wide">
      <table class="book">
        <thead>
          <tr>
            {words.columns.map((column, i) => (
              <th key={column} scope="col" class={i > 1 ? 'n' : ''}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ number, name, order, coins, was, mark, balance }) => (
            <tr key={number} class={mark}>
              <th scope="row">{number}</th>
              <td>
                {words.rows[name]} {order}
                {mark && <span class="sr">{words.marks[mark]}</span>}
              </td>
              <td class="n">
                {was !== undefined && (
                  <>
                    <s class="soft">{change(was, language)}</s>{' '}
                  </>
                )}
                {change(coins, language)}
              </td>
              <td class="n">{balance === undefined ? '' : amount(balance, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
