import { useEffect, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { day, moment } from '../shell/numbers.ts'
import type { ShopAsker, ShownComplaint } from './ask-shop.ts'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

/** What members handed in, and an answer to each. */
export function ComplaintsView({ shop }: { shop: ShopAsker }) {
  const words = useWords(CONSOLE)
  const [all, setAll] = useState<readonly ShownComplaint[]>()
  const [problem, setProblem] = useState<ShopProblem>()
  const failed = (error: unknown) => setProblem(problemIn(error))
  useEffect(() => {
    shop.complaints().then(({ complaints }) => setAll(complaints), failed)
  }, [shop])
  const answer = (id: string, text: string, isUpheld: boolean) =>
    void shop
      .answerComplaint(id, text, isUpheld)
      .then(
        answered => setAll(before => before?.map(one => (one.id === id ? { ...one, answer: answered.answer } : one))),
        failed,
      )
  return (
    <>
      <h1>{words.viewNames.complaints}</h1>
      <Alarm problem={problem} />
      {all?.length === 0 && <p class="soft">{words.complaints.none}</p>}
      <ul class="complaints">
        {all?.map(one => (
          <li key={one.id} class="case">
            <ComplaintCase complaint={one} onAnswer={(text, isUpheld) => answer(one.id, text, isUpheld)} />
          </li>
        ))}
      </ul>
    </>
  )
}

interface ComplaintProps {
  readonly complaint: ShownComplaint
  onAnswer(text: string, isUpheld: boolean): void
}

function ComplaintCase({ complaint: { kind, says, at, deadline, overdue, about, answer }, onAnswer }: ComplaintProps) {
  const { complaints: words } = useWords(CONSOLE)
  const language = useLanguage()
  const [text, setText] = useState('')
  const [isUpheld, setUpheld] = useState(false)
  return (
    <>
      <p>
        <b>{kind}</b> <span class="soft small">{moment(Date.parse(at), language)}</span>{' '}
        {answer === null && (
          <b class="small">{overdue ? words.overdue : words.due(day(Date.parse(deadline), language))}</b>
        )}
      </p>
      {about !== null && <p>{about}</p>}
      <p class="small soft" lang="en">
        {says}
      </p>
      {answer === null ? (
        <form
          class="answer"
          onSubmit={event => {
            event.preventDefault()
            if (text.trim() !== '') onAnswer(text.trim(), isUpheld)
          }}
        >
          <label>
            {words.text}
            <textarea rows={3} value={text} onInput={event => setText(event.currentTarget.value)} />
          </label>
          <label class="tick">
            <input type="checkbox" checked={isUpheld} onChange={event => setUpheld(event.currentTarget.checked)} />
            {words.upheld}
          </label>
          <button type="submit" class="button">
            {words.send}
          </button>
        </form>
      ) : (
        <div class="say">
          <p>{answer.text}</p>
          <p class="tiny soft">
            {words.answered(answer.by)} {answer.upheld && words.upheld}
          </p>
        </div>
      )}
    </>
  )
}
