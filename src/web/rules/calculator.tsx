import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, moment } from '../shell/numbers.ts'
import type { EventDue, RulesEngine } from './engine.ts'
import { eventsOf, type Programme, type RecordType } from './reader.ts'
import { RULES } from './words.ts'

/** What stands in the fields: texts and ticks, records of them, and lists. */
type Entered = string | boolean | readonly Entered[] | { readonly [name: string]: Entered }
type DueData = Parameters<RulesEngine['dueFor']>[2]
type FieldType = RecordType['fields'][string]['type']

/** "What would I get?": computed by the evaluator that auditors use, from the text of the rule. */
export function Calculator({ programme }: { programme: Programme }) {
  const words = useWords(RULES)
  const language = useLanguage()
  const events = eventsOf(programme)
  const [name, setName] = useState(() => (events.find(one => one.name === 'order') ?? events[0])?.name ?? '')
  const event = events.find(one => one.name === name)
  const [data, setData] = useState<Entered>(() => (event ? blank(event.record) : {}))
  const [due, setDue] = useState<EventDue | { readonly message: string }>()
  if (event === undefined) return null
  const compute = async () => {
    const now = Date.now()
    const { fromMs, untilMs } = programme
    const timeMs = now < fromMs ? fromMs : untilMs !== undefined && now >= untilMs ? untilMs - 1 : now
    try {
      // Two thirds of what this page is: loaded for who wants to know.
      const { ENGINE } = await import('./engine.ts')
      setDue(ENGINE.dueFor(programme, name, jsonOf(data, event.record) as DueData, timeMs))
    } catch (error) {
      setDue({ message: (error as Error).message })
    }
  }
  return (
    <form
      class="card calc"
      onSubmit={submitted => {
        submitted.preventDefault()
        void compute()
      }}
    >
      <h2>{words.calc}</h2>
      <p class="tiny soft">{words.calcMore}</p>
      <label>
        {words.event}
        <select
          value={name}
          onChange={({ currentTarget: { value } }) => {
            setName(value)
            setData(blank(events.find(one => one.name === value)!.record))
            setDue(undefined)
          }}
        >
          {events.map(one => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {event.record.names.map(field => (
        <FieldInput
          key={`${name} ${field}`}
          name={field}
          type={event.record.fields[field]!.type}
          value={(data as Record<string, Entered>)[field]!}
          onChange={value => setData({ ...(data as Record<string, Entered>), [field]: value })}
        />
      ))}
      <button type="submit" class="button">
        {words.compute}
      </button>
      <output>{due && <Result due={due} unit={programme.unit} />}</output>
    </form>
  )

  function Result({ due, unit }: { due: EventDue | { readonly message: string }; unit: string }) {
    if ('message' in due)
      return (
        <p class="small">
          {words.cannot} <span lang="en">{due.message}</span>
        </p>
      )
    if (due.status !== 'taken') return <p class="small">{words.outside}</p>
    return (
      <>
        <b>{amount(due.total, language)}</b>
        <span class="small soft">{words.total(unit)}</span>
        {due.issues.map(one => (
          <div class="step" key={one.rule}>
            <span>
              {one.rule}
              {one.cuts.map(({ cap, cut }) => ` · ${words.cut(cap)} ${amount(cut, language)}`)}
              {one.maturesMs === undefined ? '' : ` · ${words.matures(moment(one.maturesMs, language))}`}
              {one.expiresMs === undefined ? '' : ` · ${words.expires(moment(one.expiresMs - 1, language))}`}
            </span>
            <span>{amount(one.due, language)}</span>
          </div>
        ))}
        {due.nothing.map(({ rule, why }) => (
          <div class="step" key={`${rule} ${why}`}>
            <span>
              {rule} · {words.why[why] ?? why}
            </span>
            <span>0</span>
          </div>
        ))}
      </>
    )
  }
}

interface FieldProps {
  readonly name: string
  readonly type: FieldType
  readonly value: Entered
  onChange(value: Entered): void
}

function FieldInput({ name, type, value, onChange }: FieldProps) {
  const words = useWords(RULES)
  if (type === 'bool')
    return (
      <label class="tick">
        <input type="checkbox" checked={value === true} onChange={event => onChange(event.currentTarget.checked)} />
        {name}
      </label>
    )
  if (type === 'int')
    return (
      <label>
        {name}
        <input type="number" step="1" value={value as string} onInput={event => onChange(event.currentTarget.value)} />
      </label>
    )
  if (type === 'text')
    return (
      <label>
        {name}
        <input type="text" value={value as string} onInput={event => onChange(event.currentTarget.value)} />
      </label>
    )
  if ('items' in type) {
    const rows = value as readonly Entered[]
    return (
      <fieldset>
        <legend>{name}</legend>
        {rows.map((row, i) => (
          <FieldInput
            key={`${name} ${i}`}
            name={`${name} ${i + 1}`}
            type={type.items}
            value={row}
            onChange={changed => onChange(rows.map((one, at) => (at === i ? changed : one)))}
          />
        ))}
        {rows.length < Math.min(type.most, 20) && (
          <button type="button" class="link small" onClick={() => onChange([...rows, blank(type.items)])}>
            {words.addRow(name)}
          </button>
        )}
      </fieldset>
    )
  }
  const record = value as Record<string, Entered>
  return (
    <fieldset>
      <legend>{name}</legend>
      {type.names.map(field => (
        <FieldInput
          key={field}
          name={field}
          type={type.fields[field]!.type}
          value={record[field]!}
          onChange={changed => onChange({ ...record, [field]: changed })}
        />
      ))}
    </fieldset>
  )
}

/** Fields before anyone wrote into them: of a list one item. */
function blank(type: FieldType): Entered {
  if (type === 'bool') return false
  if (type === 'int') return '100'
  if (type === 'text') return 'x'
  if ('items' in type) return [blank(type.items)]
  return Object.fromEntries(type.names.map(name => [name, blank(type.fields[name]!.type)]))
}

function jsonOf(value: Entered, type: FieldType): unknown {
  if (type === 'int') return Number(value)
  if (typeof type === 'string') return value
  if ('items' in type) return (value as readonly Entered[]).map(one => jsonOf(one, type.items))
  const record = value as Record<string, Entered>
  return Object.fromEntries(type.names.map(name => [name, jsonOf(record[name]!, type.fields[name]!.type)]))
}
