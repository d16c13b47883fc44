import { useState } from 'preact/hooks'
import { useWords } from '../shell/language.ts'
import { type ShopAccess, type SignInWays, signIn } from './ask-shop.ts'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

interface SignInProps {
  readonly ways: SignInWays
  onAccess(access: ShopAccess): void
}

/** As a person of the shop, in the ways that it has; else, and for a machine, with a key. */
export function SignIn({ ways, onAccess }: SignInProps) {
  const words = useWords(CONSOLE)
  if (!ways.password && ways.openid === null) return <WithKey onAccess={onAccess} isOnly />
  return (
    <>
      <div class="sign-in">
        <h1>{words.signInPerson}</h1>
        <p class="prose">{words.signInPersonMore}</p>
        {ways.openid !== null && (
          <a class="button" href={`${ways.openid.path}?to=/console`}>
            {words.openid(ways.openid.title)}
          </a>
        )}
        {ways.password && <WithPassword onAccess={onAccess} />}
      </div>
      <details class="act">
        <summary>{words.withKey}</summary>
        <WithKey onAccess={onAccess} />
      </details>
    </>
  )
}

function WithPassword({ onAccess }: Pick<SignInProps, 'onAccess'>) {
  const words = useWords(CONSOLE)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<ShopProblem>()
  return (
    <form
      class="sign-in"
      onSubmit={event => {
        event.preventDefault()
        setProblem(undefined)
        signIn(name.trim(), password).then(onAccess, error => setProblem(problemIn(error)))
      }}
    >
      <Alarm problem={problem} />
      <label>
        {words.name}
        <input autocomplete="username" required value={name} onInput={event => setName(event.currentTarget.value)} />
      </label>
      <label>
        {words.password}
        <input
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onInput={event => setPassword(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        {words.enter}
      </button>
    </form>
  )
}

function WithKey({ onAccess, isOnly = false }: Pick<SignInProps, 'onAccess'> & { isOnly?: boolean }) {
  const words = useWords(CONSOLE)
  const [typed, setTyped] = useState('')
  return (
    <form
      class="sign-in"
      onSubmit={event => {
        event.preventDefault()
        if (typed.trim() !== '') onAccess({ key: typed.trim() })
      }}
    >
      {isOnly && <h1>{words.signIn}</h1>}
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
