import { CountersAhead } from '../../src/issuing/counters-ahead.ts'
import { recordOf } from '../../src/issuing/event-record.ts'
import { IssuingStore, type RowChange } from '../../src/issuing/issuing-store.ts'
import { evaluate, parseEvent, parseProgramme, TEMPLATES } from '../../src/programmes/index.ts'

// Counts events of ever more members, as an issuing service does, with as much memory as it is given.

const [folder, members] = [process.argv[2]!, Number(process.argv[3])]
const GROUP = 1000
const programme = parseProgramme(JSON.stringify(TEMPLATES['coins']))
const store = await IssuingStore.open(folder, programme.name)
const time = Date.parse('2026-12-02T09:00+08:00')
for (let from = 0; from < members; from += GROUP) {
  const ahead = new CountersAhead(store)
  const rows: RowChange[] = []
  for (let i = from; i < from + GROUP; i++) {
    const member = `member-${i}`
    const data = { item: `item-${i}`, seconds: 20 }
    const event = parseEvent(programme, JSON.stringify({ id: `e${i}`, type: 'view', time, member, data }))
    const found = evaluate(programme, ahead.of(member), event)
    if (found.status !== 'taken') throw new Error(found.status)
    ahead.apply(member, found.changes)
    store.addCounters(rows, member, found.changes)
    rows.push(store.eventRow(recordOf({ programme, record: 1, isRevoked: false }, found)))
  }
  rows.push(...ahead.everyoneRows())
  await store.write(rows, { sync: false })
}
const last = store.countersOf(`member-${members - 1}`)
process.stdout.write(JSON.stringify([last.member('n'), last.programme(`event e${members - 1}`)]))
await store.close()
