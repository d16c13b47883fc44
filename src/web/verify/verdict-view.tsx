import type { ComponentChildren } from 'preact'
import { useLanguage, useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { amount } from '../shell/numbers.ts'
import { TreePath } from '../shell/path.tsx'
import { Facts } from './facts.tsx'
import { Head } from './head.tsx'
import { Lines } from './lines.tsx'
import type { Verdict } from './verdict.ts'
import { HalvesView, Open, Steps } from './verdict-parts.tsx'
import { VERIFY } from './words.ts'

const Broken = later(async () => (await import('./broken.tsx')).Broken, true)
const FailedView = later(async () => (await import('./failed-view.tsx')).FailedView, true)

interface VerdictProps {
  readonly verdict: Verdict
  /** By whose policy. */
  readonly children: ComponentChildren
}

/** A verdict whole: the sentence, the two halves, every step, and what was not checked. */
export function VerdictView({ verdict, children }: VerdictProps) {
  const words = useWords(VERIFY)
  if (!verdict.holds) return <FailedView verdict={verdict}>{children}</FailedView>
  return (
    <>
      {verdict.tone === 'fits' ? <Head verdict={verdict} /> : <Broken verdict={verdict} />}
      <HalvesView verdict={verdict} />
      <div class="cols">
        <section>
          <h2>{words.checked}</h2>
          <Steps verdict={verdict} />
        </section>
        <section>
          <h2>{words.unchecked}</h2>
          <Open verdict={verdict} />
          {children}
        </section>
      </div>
      <Facts verdict={verdict} />
      <div class="cols">
        {verdict.statement && <Lines statement={verdict.statement} />}
        <Path verdict={verdict} />
      </div>
    </>
  )
}

function Path({ verdict: { path, signers } }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  const language = useLanguage()
  if (path === undefined) return null
  return (
    <section>
      <h2>{words.pathHead[path.what]}</h2>
      <TreePath
        index={path.index}
        size={path.size}
        levels={path.levels}
        signers={signers}
        what={words.pathWhat[path.what]}
        whatMore={amount(path.index, language)}
      />
      <p class="small soft prose">{words.pathSays}</p>
    </section>
  )
}
