import { useLanguage } from '../shell/language.ts'
import { headOf } from '../words/codes.ts'

/** What a check with that code found, as a sentence: of codes for which this page has no words of its own. */
export function CodeClause({ code }: { readonly code: string }) {
  const clause = headOf(code, useLanguage())
  return (
    <>
      {clause.slice(0, 1).toUpperCase()}
      {clause.slice(1)}
    </>
  )
}
