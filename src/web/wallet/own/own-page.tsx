import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { utf8Decode } from '../../../core/bytes.ts'
import { useLanguage, useWords } from '../../shell/language.ts'
import { later } from '../../shell/later.tsx'
import { amount } from '../../shell/numbers.ts'
import { Page } from '../../shell/page.tsx'
import type { OwnLook } from './messages.ts'
import { OpenWallet } from './open-wallet.tsx'
import { Failure, useHandWork } from './own-parts.tsx'
import { startOwnThread } from './own-thread.ts'
import { OWN } from './words.ts'
import '../../verify/verify.css'
import '../wallet.css'
import './own.css'

const AccountView = later(async () => (await import('./account-view.tsx')).AccountView)

/** /wallet with a key: opened, looked at, acted with. The key is in a thread of the page, and nowhere else. */
export function OwnPage() {
  const words = useWords(OWN)
  const language = useLanguage()
  const thread = useMemo(startOwnThread, [])
  const [account, setAccount] = useState<number>()
  const [look, setLook] = useState<OwnLook>()
  const [done, setDone] = useState<readonly [number, number]>()
  const { failure, run } = useHandWork()
  useEffect(() => {
    thread.onEntries = (...so) => setDone(so)
  }, [])
  const again = () =>
    run(async () => {
      setDone(undefined)
      setLook(await thread.look())
    })
  useEffect(() => {
    if (account === undefined) return
    again()
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [account])
  const close = () => {
    setAccount(undefined)
    setLook(undefined)
  }
  const statement = look?.verdict.statement
  return (
    <Page
      title={words.title}
      brandMore={statement === undefined ? words.title : words.keptName(statement.unit, statement.account)}
      trust={look?.policyFrom === 'yours' ? words.trustYours : words.trustOperator}
    >
      <div class="wallet own">
        {account === undefined ? (
          <OpenWallet thread={thread} onOpen={setAccount} />
        ) : look === undefined ? (
          <Waiting done={done?.map(n => amount(n, language))}>
            <Failure of={failure} />
            {failure && (
              <p class="acts">
                <button type="button" class="button plain" onClick={close}>
                  {words.cancel}
                </button>
              </p>
            )}
          </Waiting>
        ) : (
          <AccountView
            thread={thread}
            look={look}
            policyText={textOf(look.policy)}
            onAgain={again}
            onOpen={setAccount}
            onClose={close}
          >
            <Failure of={failure} />
          </AccountView>
        )}
      </div>
    </Page>
  )
}

function textOf(policy: Uint8Array): string | undefined {
  try {
    return utf8Decode(policy)
  } catch {
    return undefined
  }
}

function Waiting({ done, children }: { done: readonly string[] | undefined; children: ComponentChildren }) {
  const words = useWords(OWN)
  const [now, all] = done ?? []
  const digits = (text: string | undefined) => Number((text ?? '0').replace(/\D/g, ''))
  return (
    <div class="verdict">
      <h1 class="soft">{words.loadingFirst}</h1>
      <div role="status">
        {now !== undefined && all !== undefined && (
          <>
            <p>{words.loading(now, all)}</p>
            <progress max={digits(all)} value={digits(now)} aria-label={words.loadingFirst} />
          </>
        )}
      </div>
      {children}
    </div>
  )
}
