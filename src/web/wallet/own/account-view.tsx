import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../../shell/language.ts'
import { ago } from '../../shell/numbers.ts'
import { FailedView } from '../../verify/failed-view.tsx'
import { PolicyBox } from '../../verify/policy-box.tsx'
import { Balance } from '../balance.tsx'
import { HeadStep, HeadTrouble, isTrouble } from '../head-trouble.tsx'
import { Keep } from '../keep.tsx'
import { WALLET } from '../words.ts'
import { Acts } from './acts.tsx'
import { Compare } from './compare.tsx'
import { DevicePart } from './device-part.tsx'
import type { OwnLook } from './messages.ts'
import { bytesOfFiles, Failure, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { Papers } from './papers.tsx'
import { Unanswered } from './unanswered.tsx'
import { OWN } from './words.ts'

interface AccountProps {
  readonly thread: OwnThread
  readonly look: OwnLook
  readonly policyText: string | undefined
  onAgain(): void
  onOpen(account: number): void
  onClose(): void
  /** What went wrong with the last look. */
  readonly children: ComponentChildren
}

/** An account that was looked at: what is hers, whether it is right, what she can do, and what she was given. */
export function AccountView({ thread, look, policyText, onAgain, onOpen, onClose, children }: AccountProps) {
  const words = useWords(OWN)
  const { again } = useWords(WALLET)
  const language = useLanguage()
  const { verdict, own, head, away, atMs } = look
  const { failure, run } = useHandWork()
  const [nowMs] = useState(Date.now)
  const { statement } = verdict
  const brought = {
    policy: look.policy,
    policyFrom: look.policyFrom,
    policyName: '',
    card: look.card,
    cardName: '',
  }
  const take = (list: FileList | null) =>
    run(async () => {
      onOpen(await thread.open(await bytesOfFiles(list), undefined, undefined))
      onAgain()
    })
  const policy = <PolicyBox brought={brought} text={policyText} onFiles={take} />
  const [isApart, setIsApart] = useState(false)
  const isProven = verdict.holds && statement !== undefined && !isTrouble(head)
  const isFine = isProven && !isApart
  const canSign = isFine && away === undefined && own?.isOwner === true
  return (
    <>
      {away !== undefined && (
        <p class="told-away" role="status">
          <b>{words.away[away] ?? words.away['unreachable']}</b> {words.age(ago(nowMs - atMs, language))}
        </p>
      )}
      {isTrouble(head) && <HeadTrouble head={head} />}
      {isApart && (
        <div class="broken" role="alert">
          <h1>{words.apart}</h1>
          <p class="prose">{words.apartMore}</p>
        </div>
      )}
      {!verdict.holds && <FailedView verdict={verdict}>{policy}</FailedView>}
      {isFine && (
        <Balance
          verdict={verdict}
          checkedMs={atMs}
          isOffline={away !== undefined}
          isYours
          behind={commitment => thread.details(commitment)}
          beside={<HeadStep head={head} />}
          below={
            <>
              {own !== undefined && !own.isOwner && <p class="small">{words.notOwner}</p>}
              <Unanswered thread={thread} sent={look.sent} canSend={look.hasKey} onDone={onAgain} />
              {canSign && <Acts thread={thread} statement={statement} own={own} onDone={onAgain} />}
            </>
          }
        >
          {policy}
        </Balance>
      )}
      {children}
      <Failure of={failure} />
      <Papers thread={thread} at={atMs} />
      {isProven && away === undefined && <Compare thread={thread} onApart={() => setIsApart(true)} />}
      <Keep mine={{ statement: look.statement, card: look.card, unit: statement?.unit ?? 'account' }} />
      <DevicePart thread={thread} look={look} onForgotten={onClose} />
      <p class="acts">
        <button type="button" class="button plain" onClick={onAgain}>
          {again}
        </button>
        <button type="button" class="button plain" onClick={onClose}>
          {words.close}
        </button>
      </p>
    </>
  )
}
