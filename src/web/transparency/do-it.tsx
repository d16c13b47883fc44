import { useWords } from '../shell/language.ts'
import { TRANSPARENCY } from './words.ts'

/** How anyone checks this ledger without this page. */
export function DoIt() {
  const words = useWords(TRANSPARENCY)
  const { origin } = location
  return (
    <section class="do-it">
      <div>
        <h2>{words.doIt}</h2>
        <pre class="run">
          {[
            `npx tally watch ${origin} --policy trusted.policy --state watched`,
            'npx tally witness --policy trusted.policy',
            `npx tally audit ${origin} --policy trusted.policy --key auditor.key.json`,
          ].join('\n')}
        </pre>
        <p class="small soft prose">{words.doItMore}</p>
      </div>
    </section>
  )
}
