import { useLanguage, useWords } from '../shell/language.ts'
import { amount } from '../shell/numbers.ts'
import { headOf } from '../words/codes.ts'
import { promiseOf } from '../words/promises.ts'
import type { Verdict } from './verdict.ts'
import { VERIFY } from './words.ts'

/** What was seen, what it means and which promise is in question: announced once. */
export function Broken({ verdict }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  const language = useLanguage()
  const { tone, code = '', holds, kind, halves } = verdict
  const broken = verdict.refusal?.isFalse ? words.refusal : promiseOf(code, language)
  const isOpen = tone === 'half'
  return (
    <div class={isOpen ? 'broken half' : 'broken'} role="alert">
      <h1>
        {holds
          ? kind === 'evidence'
            ? words.evidence.head
            : words.refusal.false
          : `${isOpen && kind === 'evidence' ? words.open : words.holdsNot}${language === 'zh' ? '' : ' '}${headOf(code, language)}`}
      </h1>
      {broken && <p class="prose">{broken.means}</p>}
      {halves && !isOpen && code === 'line-count' && (
        <p class="prose">
          <b>{words.bothFigures}</b>: {amount(halves.signedEntries, language)} : {amount(halves.shownEntries, language)}
        </p>
      )}
      {broken && (
        <>
          <p class="label">{isOpen ? words.promiseOf : words.promiseBroken}</p>
          <blockquote>{broken.promise}</blockquote>
        </>
      )}
    </div>
  )
}
