import type { ComponentChildren } from 'preact'
import { isTestOrigin } from '../../core/note/test-origin.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, moment } from '../shell/numbers.ts'
import { KIND_WORDS } from '../words/kinds.ts'
import { outcomeWords, refusalWords } from '../words/outcomes.ts'
import type { EntryFacts, Verdict } from './verdict.ts'
import { VERIFY } from './words.ts'

/** The sentence of a file that holds, and when and where it was so. */
export function Head({ verdict }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  const language = useLanguage()
  const { sentence, more } = useSentence(verdict)
  const { statement, log = '' } = verdict
  const asOf = statement?.asOfMs ?? verdict.totals?.asOfMs
  return (
    <div class="verdict" role="status">
      <h1>
        {sentence.isWhole ? null : <span class="yes">{language === 'zh' ? words.holds : `${words.holds} `}</span>}
        {sentence.text}
      </h1>
      {more && <p>{more}</p>}
      <p class="soft">{asOf === undefined ? words.inLedger(log) : words.asOf(moment(asOf, language, true), log)}</p>
      {isTestOrigin(log) && <p class="small">{words.testLedger}</p>}
      {verdict.clockOff !== undefined && <p class="small">{words.clockOff}</p>}
    </div>
  )
}

function useSentence(verdict: Verdict): { sentence: { text: string; isWhole?: boolean }; more?: ComponentChildren } {
  const words = useWords(VERIFY)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  const { statement, entry, promise, refusal, totals, logSize = 0 } = verdict
  const digits = (value: number) => amount(value, language)
  const kindOf = ({ kind }: EntryFacts) =>
    kind === 'batch' || kind === 'seal' ? words.receipt.kinds[kind]! : kinds[kind]
  const amountOf = (facts: EntryFacts) =>
    facts.amount === undefined ? '' : language === 'zh' ? ` ${digits(facts.amount)}` : ` ${digits(facts.amount)}`
  if (statement !== undefined) {
    const { account, balance, unit, available, pending, held, book } = statement
    if (book !== undefined)
      return {
        sentence: { text: words.statement.bookHead[book.of](String(account), digits(balance), unit) },
        ...(book.asked === 0 ? {} : { more: words.statement.asked(digits(book.asked)) }),
      }
    return {
      sentence: { text: words.statement.head(String(account), digits(balance), unit) },
      more: words.statement.parts(digits(available), digits(pending), digits(held)),
    }
  }
  if (entry !== undefined) {
    if (entry.outcome === undefined) return { sentence: { text: words.receipt.inLog(kindOf(entry)) } }
    if (entry.outcome === 'accepted')
      return { sentence: { text: words.receipt.accepted(kindOf(entry), amountOf(entry)) }, more: fromTo(entry) }
    return {
      sentence: { text: words.receipt.refused, isWhole: true },
      more: (
        <>
          {words.receipt.refusedMore(kindOf(entry), amountOf(entry), moment(entry.decidedMs ?? entry.timeMs, language))}{' '}
          {words.receipt.outcome} <code>{entry.outcome}</code>: {outcomeWords(entry.outcome, language)}
          {language === 'zh' ? '。' : '.'}
        </>
      ),
    }
  }
  if (promise !== undefined) {
    const outcomes = promise.outcomes.map(one => (one === 'accepted' ? one : `${one} (${outcomeWords(one, language)})`))
    return {
      sentence: {
        text: words.promise.head(words.promise.count(promise.count), moment(promise.deadlineMs, language, true)),
      },
      more: `${words.promise.taken(moment(promise.takenMs, language, true))}. ${words.promise.outcomes}: ${outcomes.join(', ')}`,
    }
  }
  if (refusal !== undefined)
    return {
      sentence: { text: words.refusal.head, isWhole: true },
      more: (
        <>
          {words.refusal.reason} <code>{refusal.code}</code>: {refusalWords(refusal.code, language)}.{' '}
          {words.refusal.handedIn}: {refusal.kinds.map(kind => kinds[kind]).join(', ')}.{' '}
          {words.refusal.more(moment(refusal.timeMs, language, true), digits(refusal.size))}
        </>
      ),
    }
  if (totals !== undefined)
    return { sentence: { text: words.totals.head(totals.days, moment(totals.asOfMs, language)) } }
  return { sentence: { text: words.checkpointHead(digits(logSize)) } }

  function fromTo({ debit, credit }: EntryFacts): string | undefined {
    return debit === undefined || credit === undefined ? undefined : words.receipt.fromTo(String(debit), String(credit))
  }
}
