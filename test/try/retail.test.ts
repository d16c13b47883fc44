import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, tally } from '../cli/run.ts'
import { notAtHand, realInput } from './real-input.ts'
import { retailTotals, tryRetail } from './retail.ts'

const NAME = 'online-retail.csv.gz'
const FILE = realInput(NAME)

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const row = (invoice: string, quantity: number, date: string, price: string, customer: string) =>
  `${invoice},1,"A ""GIFT"", BOXED",${quantity},${date} 10:00:00,${price},${customer},United Kingdom`

/** Five months of three buyers, made up so that every rule is met. */
const MADE_UP = [
  HEADER,
  row('536001', 600, '2010-12-01', '1.005', '1.0'),
  row('536002', 100, '2010-12-01', '2.00', '2.0'),
  row('536003', 5, '2010-12-01', '100', ''),
  row('536004', 10, '2010-12-10', '1', '1.0'),
  row('536005', 10, '2010-12-20', '1.5', '1.0'),
  // More than the 15 of the 20th: of the first, 20 of £603 are ⌈19.9⌉.
  row('C536006', -20, '2010-12-21', '1', '1.0'),
  // Of the second buyer's 200, 50 are taken back, and 150 expire on 1 March.
  row('C536007', -50, '2010-12-22', '1', '2.0'),
  row('C536008', -50, '2010-12-22', '1', '9.0'),
  // Rows of one invoice on both sides of another, and of a purchase that is past.
  row('536009', 1, '2011-04-28', '1.5', '2.0'),
  row('536010', 1, '2011-04-28', '2', '3.0'),
  row('536009', 1, '2011-04-28', '1.5', '2.0'),
  row('C536011', -60, '2011-04-29', '1', '2.0'),
  row('536012', 10, '2011-04-30', '0.999', '2.0'),
].join('\n')

describe('a year of invoices, from its lines to what is outstanding', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-try-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('made up: maturing, expiring, and taking back', async () => {
    const file = join(folder, 'made-up.csv')
    await writeFile(file, `${MADE_UP}\n`)
    const totals = {
      members: 3,
      issued: 603 + 200 + 10 + 15 + 3 + 2 + 9,
      reversed: 20 + 50,
      expired: 583 + 150 + 10 + 15,
      outstanding: 3 + 2 + 9,
    }
    expect(retailTotals(MADE_UP)).toEqual(totals)
    expect(await tryRetail(file, 3, () => {})).toEqual(totals)
  })

  test.skipIf(FILE === undefined)(
    `real: every twentieth member of ${NAME}${FILE ? '' : `: ${notAtHand(NAME)}`}`,
    async () => {
      const file = join(folder, 'cut.csv')
      const text = gunzipSync(readFileSync(FILE!)).toString('utf8')
      const isTaken = (line: string) => /,\d{3}[02468]0\.0,[^,]*$/.test(line)
      await writeFile(
        file,
        text
          .split('\n')
          .filter((line, i) => i === 0 || isTaken(line))
          .join('\n'),
      )
      const totals = await tryRetail(file, 20, () => {})
      for (const figure of Object.values(totals)) expect(figure).toBeGreaterThan(100)
    },
  )

  test('a ledger that lives later than the data, and lines of no form, are refused', async () => {
    const served = await Served.start()
    try {
      const bad = join(folder, 'bad.csv')
      await writeFile(bad, `${MADE_UP}\n${row('536010', 1, '2011-13-01', 'x', '1.0')}\n`)
      const good = join(folder, 'good.csv')
      await writeFile(good, `${MADE_UP}\n`)
      const run = (file: string) =>
        tally(served.directory, 'import', '--format', 'online-retail', file, '--url', served.url)
      expect(await run(good)).toMatchObject({ status: 2, err: expect.stringContaining('clock: ') })
      expect(await run(bad)).toMatchObject({
        status: 2,
        err: expect.stringMatching(/csv-line: line 15: expected a date that there is/),
      })
    } finally {
      await served.destroy()
    }
  })
})
