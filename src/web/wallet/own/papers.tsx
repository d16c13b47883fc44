import { useEffect, useState } from 'preact/hooks'
import { utf8Encode } from '../../../core/bytes.ts'
import { SendIcon } from '../../shell/icons.tsx'
import { useLanguage, useWords } from '../../shell/language.ts'
import { moment } from '../../shell/numbers.ts'
import { KIND_WORDS } from '../../words/kinds.ts'
import { outcomeWords } from '../../words/outcomes.ts'
import type { Paper } from './messages.ts'
import { Failure, Field, Save, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { OWN } from './words.ts'

/** How files of each kind end: as the command line names them. */
const ENDINGS = {
  promise: 'promise',
  receipt: 'tlog-proof',
  refusal: 'refusal',
  evidence: 'evidence.json',
  terms: 'consent.json',
} as const

/** Papers that are shown at first. */
const SHOWN = 8

/** What the ledger signed for her, to be saved and handed in. @param at - of the last look: they are read again. */
export function Papers({ thread, at }: { thread: OwnThread; at: number }) {
  const words = useWords(OWN)
  const [papers, setPapers] = useState<readonly Paper[]>([])
  const [shown, setShown] = useState(SHOWN)
  useEffect(() => void thread.papers().then(setPapers, () => {}), [at])
  const changed = (paper: Paper) => setPapers(papers.map(one => (one.name === paper.name ? paper : one)))
  return (
    <section>
      <h2>{words.papers}</h2>
      {papers.length === 0 && <p class="small soft">{words.papersNone}</p>}
      <ul class="papers">
        {papers.slice(0, shown).map(paper => (
          <PaperRow key={paper.name} thread={thread} paper={paper} onChange={changed} />
        ))}
      </ul>
      {papers.length > shown && (
        <p class="acts">
          <button type="button" class="button plain" onClick={() => setShown(papers.length)}>
            {words.papersMore}
          </button>
        </p>
      )}
    </section>
  )
}

interface PaperProps {
  readonly thread: OwnThread
  readonly paper: Paper
  onChange(paper: Paper): void
}

function PaperRow({ thread, paper, onChange }: PaperProps) {
  const words = useWords(OWN)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  const { kind, about, outcome, atMs, bytes, name } = paper
  const isFine = outcome === 'accepted' || outcome === 'made'
  return (
    <li>
      <div>
        <b>
          {words.paperNames[kind]}
          {about === undefined ? '' : ` · ${kinds[about]}`}
        </b>
        <span class="small soft">
          {moment(atMs, language)} · {isFine ? words.paperOutcome[outcome] : outcomeWords(outcome, language)}
        </span>
      </div>
      <p class="acts">
        <Save bytes={bytes} file={`${name}.${ENDINGS[kind]}`}>
          {words.save}
        </Save>
      </p>
      {kind !== 'terms' && <HandIn thread={thread} paper={paper} onChange={onChange} />}
    </li>
  )
}

/** Handed in at the shop, whose answer is signed, and kept. */
function HandIn({ thread, paper, onChange }: PaperProps) {
  const words = useWords(OWN)
  const language = useLanguage()
  const [about, setAbout] = useState('')
  const { isRunning, failure, run } = useHandWork()
  const { complaint } = paper
  if (complaint === undefined)
    return (
      <details>
        <summary>{words.handIn}</summary>
        <form
          class="form"
          onSubmit={event => {
            event.preventDefault()
            run(async () => onChange(await thread.complain(paper.name, about)))
          }}
        >
          <Field label={words.handInWords} isOptional value={about} onValue={setAbout} />
          <p class="acts">
            <button type="submit" class="button plain" disabled={isRunning}>
              <SendIcon />
              {words.handInSend}
            </button>
          </p>
          <Failure of={failure} />
        </form>
      </details>
    )
  const { at, deadline, answer, isProven, receipt } = complaint
  const day = (time: string) => moment(Date.parse(time), language)
  return (
    <div class="handed" role="status">
      <p class="small">
        {words.handedIn(day(at), day(deadline))}{' '}
        <span class={isProven ? 'fits' : 'half'}>{isProven ? words.handedProven : words.handedUnproven}</span>
      </p>
      {answer && (
        <p class="small">
          {words.answered(answer.text)} {answer.upheld ? words.upheld : words.notUpheld}
        </p>
      )}
      <p class="acts">
        <Save
          bytes={utf8Encode(`${receipt}${answer === undefined ? '' : `\n${answer.note}`}`)}
          file={`${paper.name}.note`}
        >
          {words.saveReply}
        </Save>
        <button
          type="button"
          class="button plain"
          disabled={isRunning}
          onClick={() => run(async () => onChange(await thread.asked(paper.name)))}
        >
          {words.askAgain}
        </button>
      </p>
      <Failure of={failure} />
    </div>
  )
}
