import { useEffect, useState } from 'preact/hooks'
import { useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { Page } from '../shell/page.tsx'
import { ProgrammeView } from './programme-view.tsx'
import { chosenOf, type FoundRules, readRules } from './read-rules.ts'
import { RULES } from './words.ts'
import './rules.css'

const Trouble = later(async () => (await import('./trouble.tsx')).Trouble)

/** /rules and /rules/<name>/<version>: what is given for what, made from the published texts themselves. */
export function RulesPage() {
  const words = useWords(RULES)
  const [found, setFound] = useState<FoundRules>()
  useEffect(() => {
    void readRules().then(setFound)
  }, [])
  const origin = typeof found === 'object' && 'origin' in found ? found.origin : location.host
  return (
    <Page place="rules" title={words.title} brand={origin} brandMore={words.title} trust={words.trust}>
      <Content found={found} />
    </Page>
  )
}

function Content({ found }: { found: FoundRules | undefined }) {
  const words = useWords(RULES)
  if (found === undefined)
    return (
      <div class="verdict" role="status">
        <h1 class="soft">{words.waiting}</h1>
      </div>
    )
  if (found === 'silent' || (typeof found === 'object' && 'code' in found)) return <Trouble found={found} />
  if (found === 'nothing' || found.read.length === 0) return <None />
  const [, , name, version] = decodeURIComponent(location.pathname).split('/')
  const chosen = chosenOf(found.read, name, version)
  if (chosen.length === 0)
    return (
      <div class="verdict">
        <h1>{words.unknown}</h1>
        <p>
          <a href="/rules">{words.all}</a>
        </p>
      </div>
    )
  return (
    <>
      <div class="verdict">
        <h1>{words.head}</h1>
        <p class="soft">{words.headMore}</p>
      </div>
      {chosen.map(rule => (
        <ProgrammeView key={rule.published.record} rule={rule} all={found} />
      ))}
    </>
  )
}

function None() {
  const words = useWords(RULES)
  return (
    <div class="verdict">
      <h1>{words.none}</h1>
      <p>{words.noneMore}</p>
      <pre class="rule-text">
        {
          'npx tally programme new --from coins\nnpx tally programme check coins.json\nnpx tally programme publish coins.json'
        }
      </pre>
    </div>
  )
}
