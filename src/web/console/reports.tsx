import { useEffect, useMemo, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { later } from '../shell/later.tsx'
import { amount, moment } from '../shell/numbers.ts'
import type { ShopAsker, ShownReport } from './ask-shop.ts'
import { saveBytes } from './save-bytes.ts'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

const ReportChart = later(async () => (await import('./report-chart.tsx')).ReportChart)

const ROWS_SHOWN = 200
/** Columns by which rows are drawn one beside the other. */
const ALONG = ['month', 'expires', 'given', 'period'] as const

/** Tables of the ledger: of a shop all, and of a merchant its own rows. */
export function ReportsView({ shop, name }: { shop: ShopAsker; name: string | undefined }) {
  const words = useWords(CONSOLE)
  const [names, setNames] = useState<readonly string[]>([])
  const [report, setReport] = useState<ShownReport>()
  const [problem, setProblem] = useState<ShopProblem>()
  useEffect(() => {
    shop.reports().then(
      ({ reports }) => setNames(reports.map(one => one.name)),
      error => setProblem(problemIn(error)),
    )
  }, [shop])
  const shown = name ?? (names.includes('movements') ? 'movements' : names[0])
  useEffect(() => {
    if (shown === undefined) return
    setReport(undefined)
    setProblem(undefined)
    shop.report(shown).then(setReport, error => setProblem(problemIn(error)))
  }, [shop, shown])
  return (
    <>
      <h1>{words.viewNames.reports}</h1>
      <p class="small soft prose">{words.reports.more}</p>
      {names.length > 0 && (
        <label class="unit-of">
          {words.reports.which}
          <select
            value={shown}
            onChange={event => {
              location.hash = `view=reports&name=${encodeURIComponent(event.currentTarget.value)}`
            }}
          >
            {names.map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      )}
      <Alarm problem={problem} />
      {report === undefined && problem === undefined && (
        <p class="soft" role="status">
          {words.reports.waiting}
        </p>
      )}
      {report !== undefined && <ReportTable report={report} shop={shop} />}
    </>
  )
}

function ReportTable({ report, shop }: { report: ShownReport; shop: ShopAsker }) {
  const { reports: words } = useWords(CONSOLE)
  const language = useLanguage()
  const { name, says, rows, treeSize, ledgerTime, faults } = report
  const columns = Object.keys(rows[0] ?? {})
  const isSum = (column: string) => rows.every(row => /^-?\d+$/.test(String(row[column])))
  const save = async () => saveBytes(await shop.bytes(`/v1/reports/${name}?format=csv`), `${name}.csv`, 'text/csv')
  return (
    <section>
      <p class="prose" lang="en">
        {says}
      </p>
      <p class="tiny soft">{words.of(amount(treeSize, language), moment(Date.parse(ledgerTime), language))}</p>
      {faults.length > 0 && (
        <div class="alarm" role="alert">
          <b>{words.faults}</b> <span lang="en">{faults[0]!.message}</span> <code>{faults[0]!.code}</code>
        </div>
      )}
      {rows.length === 0 ? (
        <p class="soft">{words.none}</p>
      ) : (
        <>
          <Drawn rows={rows} columns={columns} isSum={isSum} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls is scrolled by keyboard */}
          <section class="wide" tabIndex={0} aria-label={name}>
            <table>
              <thead>
                <tr>
                  {columns.map(column => (
                    <th key={column} scope="col" class={isSum(column) ? 'n' : ''}>
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, ROWS_SHOWN).map((row, i) => (
                  <tr key={i}>
                    {columns.map(column => (
                      <td key={column} class={isSum(column) ? 'n' : ''}>
                        {isSum(column) ? amount(BigInt(row[column]!), language) : row[column]}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {rows.length > ROWS_SHOWN && <p class="small soft">{words.more100(amount(rows.length, language))}</p>}
        </>
      )}
      <p class="acts">
        <button type="button" class="button plain" onClick={() => void save()}>
          {words.save}
        </button>
      </p>
    </section>
  )
}

interface DrawnProps {
  readonly rows: ShownReport['rows']
  readonly columns: readonly string[]
  isSum(column: string): boolean
}

/** One figure of a report in bars: its rows of one unit, added up by month. */
function Drawn({ rows, columns, isSum }: DrawnProps) {
  const { reports: words } = useWords(CONSOLE)
  const along = ALONG.find(one => columns.includes(one))
  const figures = columns.filter(one => one !== along && isSum(one))
  const [chosen, setChosen] = useState<string>()
  const figure = chosen ?? (figures.includes('issued') ? 'issued' : figures.at(-1))
  const units = [...new Set(rows.map(({ unit }) => unit))]
  const [unit, setUnit] = useState(units[0])
  const bars = useMemo(() => {
    const sums = new Map<string, number>()
    for (const row of rows) {
      if (row['unit'] !== unit || along === undefined || figure === undefined) continue
      const at = String(row[along])
      sums.set(at, (sums.get(at) ?? 0) + Number(row[figure]))
    }
    const names = [...sums.keys()].sort()
    return { names, values: names.map(one => sums.get(one)!) }
  }, [rows, unit, along, figure])
  if (along === undefined || figure === undefined) return null
  return (
    <>
      <div class="acts">
        <Choice name={words.figure} value={figure} all={figures} onChoice={setChosen} />
        {units.length > 1 && (
          <Choice name={words.unit} value={String(unit)} all={units.map(String)} onChoice={setUnit} />
        )}
      </div>
      <ReportChart {...bars} label={words.chart(figure, along)} />
    </>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly value: string
  readonly all: readonly string[]
  onChoice(value: string): void
}

function Choice({ name, value, all, onChoice }: ChoiceProps) {
  return (
    <label class="unit-of">
      {name}
      <select value={value} onChange={event => onChoice(event.currentTarget.value)}>
        {all.map(one => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  )
}
