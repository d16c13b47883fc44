import { useEffect, useState } from 'preact/hooks'
import { askHere } from '../shell/ask.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, change, clock, shortDay } from '../shell/numbers.ts'
import { type CheckedLedger, look } from '../transparency/look.ts'
import { ShopAskError, type ShopAsker, type ShopTrouble, type ShownActivity } from './ask-shop.ts'
import { CONSOLE } from './words.ts'

/** Entries before the end that are shown at first, rows that are kept, and seconds that a question waits. */
const BACK = 500
const ROWS_MAX = 100
const WAIT_S = 20
const PAUSE_MS = 3000

/** Today: how the ledger is, as this browser checked it, and what happens, as it happens. */
export function Feed({ shop, onKeyRefused }: { shop: ShopAsker; onKeyRefused(): void }) {
  const words = useWords(CONSOLE)
  const [ledger, setLedger] = useState<CheckedLedger>()
  const [rows, setRows] = useState<readonly ShownActivity[]>()
  const [trouble, setTrouble] = useState<ShopTrouble>()
  const language = useLanguage()
  useEffect(() => {
    const end = new AbortController()
    const lookOnce = async () => {
      const seen = await look(askHere, () => undefined).catch(() => undefined)
      if (seen !== undefined) setLedger(seen)
      return seen
    }
    const follow = async () => {
      const seen = await lookOnce()
      let after = Math.max(-1, (seen?.size ?? 0) - BACK)
      while (!end.signal.aborted) {
        try {
          const { activities, next } = await shop.activity(after, after < 0 ? 0 : WAIT_S, BACK, end.signal)
          after = next
          const news = activities.filter(({ member }) => member !== null).reverse()
          setRows(before => [...news, ...(before ?? [])].slice(0, ROWS_MAX))
          setTrouble(undefined)
        } catch (error) {
          if (end.signal.aborted) return
          setTrouble(error instanceof ShopAskError ? error.trouble : 'refused')
          if (error instanceof ShopAskError && (error.trouble === 'key' || error.trouble === 'scope')) return
          await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
        }
      }
    }
    void follow()
    const timer = setInterval(() => void lookOnce(), 5000)
    return () => {
      clearInterval(timer)
      end.abort()
    }
  }, [shop])
  return (
    <>
      <h1>{words.todayHead}</h1>
      {ledger !== undefined && (
        <p>
          <Mark tone="fits">{words.sealed(clock(ledger.sealMs, language, true), amount(ledger.size, language))}</Mark>
        </p>
      )}
      {trouble !== undefined && (
        <div class="alarm" role="alert">
          <b>{words.troubles[trouble]}</b>{' '}
          {trouble === 'key' && (
            <button type="button" class="link" onClick={onKeyRefused}>
              {words.otherKey}
            </button>
          )}
        </div>
      )}
      <section>
        <h2>{words.feed}</h2>
        {rows?.length === 0 && <p class="soft">{words.nothingYet}</p>}
        {rows !== undefined && rows.length > 0 && <Rows rows={rows} />}
      </section>
    </>
  )
}

function Rows({ rows }: { rows: readonly ShownActivity[] }) {
  const words = useWords(CONSOLE)
  const language = useLanguage()
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            {words.feedColumns.map((name, i) => (
              <th key={name} scope="col" class={i > 2 ? 'n' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, at, member, unit, movement }) => (
            <tr key={id}>
              <td class="nobr">
                {shortDay(Date.parse(at), language)} {clock(Date.parse(at), language, true)}
              </td>
              <td>
                <a href={`#member=${encodeURIComponent(member ?? '')}`}>{member}</a>
              </td>
              <td>
                {movement === null ? '' : (words.kinds[movement.kind] ?? movement.kind)} {movement?.order}
              </td>
              <td class="n nobr">
                {movement === null ? '' : change(movement.points === 0 ? movement.held : movement.points, language)}
              </td>
              <td class="n nobr">{movement === null ? '' : `${amount(movement.balance, language)} ${unit ?? ''}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
