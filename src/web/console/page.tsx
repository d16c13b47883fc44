import { useEffect, useMemo, useState } from 'preact/hooks'
import { useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Page } from '../shell/page.tsx'
import type { Verifier } from '../verify/verifier.ts'
import { ShopAsker } from './ask-shop.ts'
import { CONSOLE } from './words.ts'
import './console.css'

const Feed = later(async () => (await import('./feed.tsx')).Feed)
const MemberView = later(async () => (await import('./member.tsx')).MemberView)

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

/** The member that the address names behind its #, which no browser sends. */
function asked(): string | undefined {
  const member = new URLSearchParams(location.hash.slice(1)).get('member')
  return member === null || member === '' ? undefined : member
}

/** /console: what happens in a shop, and to one member, read with a key of the gateway's API. */
export function ConsolePage({ verifier }: { verifier: Verifier }) {
  const words = useWords(CONSOLE)
  const [key, setKey] = useState(keptKey)
  const [member, setMember] = useState(asked)
  const shop = useMemo(() => (key === undefined ? undefined : new ShopAsker(key)), [key])
  useEffect(() => {
    const follow = () => setMember(asked())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const leave = () => {
    keepKey(undefined)
    setKey(undefined)
  }
  return (
    <Page title={words.title} brandMore={words.title} trust={words.trust}>
      {shop === undefined ? (
        <SignIn
          onKey={given => {
            keepKey(given)
            setKey(given)
          }}
        />
      ) : (
        <>
          <div class="find-bar">
            <Find member={member ?? ''} />
            {member !== undefined && (
              <button
                type="button"
                class="button plain"
                onClick={() => {
                  location.hash = ''
                }}
              >
                {words.today}
              </button>
            )}
            <button type="button" class="button plain" onClick={leave}>
              {words.leave}
            </button>
          </div>
          {member === undefined ? (
            <Feed shop={shop} onKeyRefused={leave} />
          ) : (
            <MemberView key={member} member={member} shop={shop} verifier={verifier} />
          )}
        </>
      )}
    </Page>
  )
}

function SignIn({ onKey }: { onKey(key: string): void }) {
  const words = useWords(CONSOLE)
  const [typed, setTyped] = useState('')
  return (
    <form
      class="sign-in"
      onSubmit={event => {
        event.preventDefault()
        if (typed.trim() !== '') onKey(typed.trim())
      }}
    >
      <h1>{words.signIn}</h1>
      <p class="prose">{words.signInMore}</p>
      <label>
        {words.key}
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        {words.enter}
      </button>
      <p class="small soft prose">{words.keyKept}</p>
    </form>
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
