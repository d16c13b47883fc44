import { useEffect, useState } from 'preact/hooks'
import { askHere } from '../shell/ask.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, clock } from '../shell/numbers.ts'
import { look } from '../transparency/look.ts'
import { Alarm, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

/** What the ledger says of itself. */
interface ShownHealth {
  readonly status: string
  readonly detail?: string
  readonly size: number
  readonly published: number
  readonly sealedSecondsAgo: number | null
  readonly witnesses: readonly { readonly name: string; readonly size: number; readonly failures: number }[]
  readonly following?: { readonly leader: string; readonly behind: number; readonly trouble?: string }
}

/** What was said, what was checked, and by how much the clocks differ. */
interface SeenHealth {
  readonly said: ShownHealth
  readonly sealMs: number | undefined
  readonly aheadMs: number | undefined
}

const EVERY_MS = 5000

async function lookAtHealth(): Promise<SeenHealth> {
  const answer = await fetch('/healthz', { cache: 'no-store' })
  const said = (await answer.json()) as ShownHealth
  const checked = await look(askHere, () => undefined).catch(() => undefined)
  const dated = Date.parse(answer.headers.get('date') ?? '')
  return {
    said,
    sealMs: checked?.sealMs,
    aheadMs: Number.isNaN(dated) ? undefined : Date.now() - dated,
  }
}

/** How the ledger is, asked every five seconds. */
export function HealthView() {
  const words = useWords(CONSOLE)
  const { health } = words
  const language = useLanguage()
  const [seen, setSeen] = useState<SeenHealth>()
  const [problem, setProblem] = useState<ShopProblem>()
  useEffect(() => {
    const ask = () =>
      void lookAtHealth().then(
        found => {
          setSeen(found)
          setProblem(undefined)
        },
        () => setProblem({ trouble: 'offline', said: undefined }),
      )
    ask()
    const timer = setInterval(ask, EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  if (seen === undefined)
    return (
      <>
        <h1>{words.viewNames.health}</h1>
        <Alarm problem={problem} />
      </>
    )
  const { said, sealMs, aheadMs } = seen
  const digits = (value: number) => amount(value, language)
  const seconds = said.sealedSecondsAgo
  const clockS = aheadMs === undefined ? undefined : Math.round(aheadMs / 1000)
  const figures: (readonly [string, string])[] = [
    [health.sealed, seconds === null ? health.never : health.seconds(digits(Math.round(seconds)))],
    [health.entries, digits(said.size)],
    [health.published, digits(said.published)],
    [health.lag, digits(said.size - said.published)],
    ...(clockS === undefined ? [] : [[health.clock, health.seconds(digits(clockS))] as const]),
  ]
  return (
    <>
      <h1>{words.viewNames.health}</h1>
      <Alarm problem={problem} />
      {said.status === 'ok' ? (
        <p>{health.takes}</p>
      ) : (
        <div class="alarm" role="alert">
          <b>{health.takesNot}</b> <span lang="en">{said.detail}</span> <code>{said.status}</code>
        </div>
      )}
      {sealMs !== undefined && (
        <p>
          <Mark tone="fits">{words.sealed(clock(sealMs, language, true), digits(said.published))}</Mark>
        </p>
      )}
      <dl class="figs">
        {figures.map(([name, figure]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      {said.following !== undefined && (
        <p>
          {health.following(said.following.leader, digits(said.following.behind))}{' '}
          <span lang="en">{said.following.trouble}</span>
        </p>
      )}
      <h2 class="next">{health.witnesses}</h2>
      {(said.witnesses ?? []).length === 0 ? (
        <p class="soft">{health.noWitnesses}</p>
      ) : (
        <ul class="plain-list">
          {said.witnesses.map(({ name, size, failures }) => (
            <li key={name}>
              <b>{name}</b> {health.witness(digits(size))}
              {failures > 0 && <b> {health.failing(digits(failures))}</b>}
            </li>
          ))}
        </ul>
      )}
      <p class="tiny soft">{health.disk}</p>
    </>
  )
}
