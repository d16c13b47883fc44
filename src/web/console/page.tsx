import { useEffect, useMemo, useState } from 'preact/hooks'
import { useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Page } from '../shell/page.tsx'
import type { Verifier } from '../verify/verifier.ts'
import { type ShopAccess, ShopAsker, type SignInWays, whoIsHere } from './ask-shop.ts'
import { SignIn } from './sign-in.tsx'
import { CONSOLE } from './words.ts'
import './console.css'

const Feed = later(async () => (await import('./feed.tsx')).Feed)
const MemberView = later(async () => (await import('./member.tsx')).MemberView)
const ReportsView = later(async () => (await import('./reports.tsx')).ReportsView)
const ComplaintsView = later(async () => (await import('./complaints.tsx')).ComplaintsView)
const DraftView = later(async () => (await import('./draft.tsx')).DraftView)
const HealthView = later(async () => (await import('./health.tsx')).HealthView)

/** Where a key is kept: for this window, and no longer. */
const KEY = 'tallystick.console'

function keptKey(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

function keepKey(key: string | undefined): void {
  try {
    if (key === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, key)
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

const VIEWS = ['today', 'reports', 'complaints', 'draft', 'health'] as const
type ConsoleView = (typeof VIEWS)[number]
/** The scopes without which a view has nothing to show. */
const SCOPES: Readonly<Partial<Record<ConsoleView, string>>> = { reports: 'reports', complaints: 'complaints' }

/** What the address asks for behind its #, which no browser sends. */
interface ConsoleAsked {
  readonly member: string | undefined
  readonly view: ConsoleView
  /** Of a report. */
  readonly name: string | undefined
}

function asked(): ConsoleAsked {
  const query = new URLSearchParams(location.hash.slice(1))
  const some = (name: string) => query.get(name) || undefined
  return {
    member: some('member'),
    view: VIEWS.find(one => one === query.get('view')) ?? 'today',
    name: some('name'),
  }
}

/** /console: what happens in a shop and to one member, and what its people may do about it. */
export function ConsolePage({ verifier }: { verifier: Verifier }) {
  const words = useWords(CONSOLE)
  const [access, setAccess] = useState<ShopAccess | undefined>(() => {
    const key = keptKey()
    return key === undefined ? undefined : { key }
  })
  const [ways, setWays] = useState<SignInWays>()
  const [place, setPlace] = useState(asked)
  const shop = useMemo(() => (access === undefined ? undefined : new ShopAsker(access)), [access])
  useEffect(() => {
    const follow = () => setPlace(asked())
    addEventListener('hashchange', follow)
    void whoIsHere().then(found => {
      setWays(found.ways)
      if (found.session !== undefined) setAccess(before => before ?? found.session)
    })
    return () => removeEventListener('hashchange', follow)
  }, [])
  const enter = (given: ShopAccess) => {
    if ('key' in given) keepKey(given.key)
    setAccess(given)
  }
  const leave = () => {
    keepKey(undefined)
    void shop?.signOut().catch(() => {})
    setAccess(undefined)
  }
  const { member, view, name } = place
  return (
    <Page title={words.title} brandMore={words.title} trust={words.trust}>
      {shop === undefined ? (
        ways === undefined ? (
          <div class="verdict" role="status">
            <h1 class="soft">{words.title}</h1>
          </div>
        ) : (
          <SignIn ways={ways} onAccess={enter} />
        )
      ) : (
        <>
          <div class="find-bar">
            <Find member={member ?? ''} />
            <span class="who">
              {access !== undefined && 'name' in access && (
                <span class="small soft">{words.signedIn(access.name, words.roles[access.role] ?? access.role)}</span>
              )}
              <button type="button" class="button plain" onClick={leave}>
                {words.leave}
              </button>
            </span>
          </div>
          <nav class="views" aria-label={words.views}>
            {VIEWS.filter(one => SCOPES[one] === undefined || shop.may(SCOPES[one])).map(one => (
              <a
                key={one}
                href={`#view=${one}`}
                aria-current={member === undefined && one === view ? 'page' : undefined}
              >
                {words.viewNames[one]}
              </a>
            ))}
          </nav>
          <div class="view">
            {member !== undefined ? (
              <MemberView key={member} member={member} shop={shop} verifier={verifier} />
            ) : view === 'reports' ? (
              <ReportsView shop={shop} name={name} />
            ) : view === 'complaints' ? (
              <ComplaintsView shop={shop} />
            ) : view === 'draft' ? (
              <DraftView />
            ) : view === 'health' ? (
              <HealthView />
            ) : (
              <Feed shop={shop} onKeyRefused={leave} />
            )}
          </div>
        </>
      )}
    </Page>
  )
}

function Find({ member }: { member: string }) {
  const words = useWords(CONSOLE)
  const [typed, setTyped] = useState(member)
  useEffect(() => setTyped(member), [member])
  return (
    <search class="find">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (typed.trim() !== '') location.hash = `member=${encodeURIComponent(typed.trim())}`
        }}
      >
        <label>
          <span class="sr">{words.find}</span>
          <input
            type="search"
            value={typed}
            placeholder={words.find}
            onInput={event => setTyped(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button">
          {words.show}
        </button>
      </form>
    </search>
  )
}
