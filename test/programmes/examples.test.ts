import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromHex, toBase64 } from '../../src/core/bytes.ts'
import {
  backDetails,
  CountersInMemory,
  checkOne,
  type Evaluation,
  evaluate,
  issueDetails,
  measurementMessage,
  nothingDetails,
  type Programme,
  parseEvent,
  parseProgramme,
} from '../../src/programmes/index.ts'
import * as limits from '../../src/programmes/limits.ts'
import { examples, PAGE, type Row } from './page.ts'
import { said } from './said.ts'

const TEMPLATES = join(import.meta.dirname, '../../src/programmes/templates')
const template = (name: string) => parseProgramme(readFileSync(join(TEMPLATES, `${name}.json`)))

/** The secret of RFC 8032 §7.1, test 1, in the frame that Node reads. */
const SECRET = fromHex(
  '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
)
const METER = createPrivateKey({ key: Buffer.from(SECRET), format: 'der', type: 'pkcs8' })

/** The event of a row, the i-th of those that it stands for. */
function eventOf(programme: Programme, { time, member, type, data }: Row, id: string, i: number) {
  const timeMs = Date.parse(`${time.replace(' ', 'T')}:00+08:00`)
  const fields = JSON.parse(data.replaceAll('#', String(i + 1))) as Record<string, string>
  const event = { id, type, time: timeMs, member, data: fields }
  if (programme.events.get(type)?.meter === undefined) return parseEvent(programme, JSON.stringify(event))
  const signature = toBase64(sign(null, measurementMessage(programme.name, type, id, timeMs, fields), METER))
  return parseEvent(programme, JSON.stringify({ ...event, signature }))
}

/** Checks alone whatever an evaluation gave. */
function checkAlone(programme: Programme, found: Evaluation): void {
  if (found.status !== 'taken') return
  for (const issue of found.issues) {
    const { rule, due, matures, expires } = issue
    const checked = checkOne(programme, issueDetails(programme, found, issue))
    expect(checked).toMatchObject({ kind: 'issue', rule: rule.id, unit: rule.unit, due, matures, expires, n: found.n })
  }
  for (const back of found.backs)
    expect(checkOne(programme, backDetails(programme, found, back))).toMatchObject({
      kind: 'reversal',
      rule: back.rule.id,
      due: back.due,
      original: back.original,
    })
  if (found.issues.length + found.backs.length === 0)
    expect(checkOne(programme, nothingDetails(programme, found))).toMatchObject({ kind: 'nothing', due: 0 })
}

describe('the worked examples of docs/programmes.md', () => {
  test('are six', () => {
    expect([...examples().keys()]).toEqual(['coins', 'membership', 'farm', 'forest', 'creators', 'merchants'])
  })

  test.each([...examples()])('%s', (name, rows) => {
    const programme = template(name)
    const counters = new CountersInMemory()
    let made = 0
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) {
      const found = Array.from({ length: row.count }, (_, i): Evaluation => {
        made++
        const event = eventOf(programme, row, `e${made}`, i)
        const evaluation = evaluate(programme, counters.of(row.member), event)
        checkAlone(programme, evaluation)
        if (evaluation.status === 'taken') counters.apply(row.member, evaluation.changes)
        return evaluation
      })
      const inWords = (withDates: boolean) => {
        const runs: { text: string; count: number }[] = []
        for (const text of found.map(one => said(one, programme.unit, withDates))) {
          if (runs.at(-1)?.text === text) runs.at(-1)!.count++
          else runs.push({ text, count: 1 })
        }
        return runs.map(({ text, count }) => (count === 1 ? text : `${count} × ${text}`)).join('; ')
      }
      const where = `${row.time} ${row.type} ${row.data}`
      const hasDates = /\b(ripe|until)\b/.test(row.gives.replace(/tier .*/, ''))
      const words = inWords(false).replace(/nothing: `[a-z-]+` (when|campaign)(; (?=nothing))/g, '')
      if (hasDates) expect(inWords(true), where).toBe(row.gives)
      else expect([words, inWords(false)], where).toContain(row.gives)
    }
  })

  test('limits and codes are those of the page', () => {
    const [, rows] = PAGE.split('\n## 12. Codes and limits\n')
    const listed = [...rows!.matchAll(/^\| `([A-Z_]+)` \| ([0-9]+) \| (.+) \|$/gm)]
    expect(Object.fromEntries(listed.map(([, name, value]) => [name, Number(value)]))).toEqual({ ...limits })
  })
})
