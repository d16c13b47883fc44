import { useLanguage, useWords } from '../shell/language.ts'
import { promiseOf } from '../words/promises.ts'
import type { UnreadRules } from './read-rules.ts'
import { RULES } from './words.ts'

/** Why the rules cannot be shown, and which promise that breaks. */
export function Trouble({ found }: { found: UnreadRules }) {
  const words = useWords(RULES)
  const language = useLanguage()
  const broken = found === 'silent' ? undefined : promiseOf(found.code, language)
  return (
    <div class="broken half" role="alert">
      <h1>{broken?.promise ?? words.noAnswer}</h1>
      <p class="prose">{broken?.means ?? words.noAnswerMore}</p>
      {found !== 'silent' && (
        <p class="tiny soft" lang="en">
          {found.message} (<code>{found.code}</code>)
        </p>
      )}
    </div>
  )
}
