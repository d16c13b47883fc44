import { useLanguage, useWords } from '../shell/language.ts'
import { amount, change } from '../shell/numbers.ts'
import { TableHead } from '../shell/table-head.tsx'
import { KIND_WORDS } from '../words/kinds.ts'
import type { BookFacts, TotalsFacts, Verdict } from './verdict.ts'
import { VERIFY } from './words.ts'

/** What a file holds besides its sentence: figures, exhibits, and what is to be minded. */
export function Facts({ verdict: { totals, evidence, statement } }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  if (totals !== undefined) return <Totals totals={totals} />
  if (evidence !== undefined)
    return (
      <section class="cols">
        <div>
          <h2>{words.evidence.facts}</h2>
          <dl class="dl">
            {evidence.facts.map(([name, value]) => (
              <>
                <dt lang="en">{name}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </>
            ))}
          </dl>
          {evidence.finder !== undefined && <p class="small soft">{words.evidence.finder(evidence.finder)}</p>}
        </div>
      </section>
    )
  if (statement === undefined) return null
  if (statement.book !== undefined) return <Sums book={statement.book} />
  const { statement: said } = words
  const { status, owner, custodian, custodianDebits, recoveryAtOnce, isRecovering } = statement
  const mind = [
    ...(status === 'open' ? [] : [said[status]]),
    ...(owner !== undefined && custodian !== undefined ? [said.custodianToo(custodian)] : []),
    ...(custodianDebits > 0 ? [said.custodianDebits(custodianDebits)] : []),
    ...(recoveryAtOnce ? [said.recoveryAtOnce] : []),
    ...(isRecovering ? [said.recovering] : []),
  ]
  if (mind.length === 0) return null
  return (
    <section class="mind">
      <h2>{said.mind}</h2>
      <ul>
        {mind.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  )
}

/** The sums of a unit in the order of the columns. */
const SUMS = ['issued', 'opened', 'redeemed', 'expired', 'reinstated', 'reversed', 'owed'] as const

/** What the entries of a shop or a budget came to, kind by kind. */
function Sums({ book: { sums } }: { book: BookFacts }) {
  const { statement: words } = useWords(VERIFY)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  return (
    <section>
      <h2>{words.sums}</h2>
      <div class="wide">
        <table>
          <TableHead columns={words.sumColumns} />
          <tbody>
            {sums.map(({ kind, count, change: by }) => (
              <tr key={kind}>
                <th scope="row">{kinds[kind]}</th>
                <td class="n">{amount(count, language)}</td>
                <td class="n">{by === 0n ? '' : change(by, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Totals({ totals: { units, accounts } }: { totals: TotalsFacts }) {
  const { totals: words } = useWords(VERIFY)
  const language = useLanguage()
  return (
    <section>
      <h2>{words.table}</h2>
      <div class="wide">
        <table>
          <TableHead columns={words.columns} />
          <tbody>
            {units.map(one => (
              <tr key={one.unit}>
                <th scope="row">{words.unit(one.unit)}</th>
                {SUMS.map((name, i) => (
                  <td class="n" key={words.columns[i + 1]}>
                    {amount(BigInt(one[name]), language)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small soft">{words.accounts(amount(accounts, language))}</p>
    </section>
  )
}
