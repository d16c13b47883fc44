import { fromHex } from '../../core/bytes.ts'
import { type RecordField, type RecordType, recordOf, type Scalar, type Type } from '../expression/tree.ts'
import { EVENT_FIELDS_MAX, EVENT_LIST_MAX, EVENT_TYPES_MAX } from '../limits.ts'
import type { At } from './forms.ts'
import type { EventType, Meter } from './programme.ts'

const SCALARS: readonly Scalar[] = ['text', 'int', 'bool']
/** Words that CEL keeps for itself: no field has such a name. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
)
const FIELD = /^[a-z][A-Za-z0-9]{0,31}$/

/** Kinds of event, by name. @throws PointerError `programme`. */
export function parseEvents(events: At, meters: ReadonlyMap<string, Meter>): Map<string, EventType> {
  const found = new Map<string, EventType>()
  const entries = events.entries()
  if (entries.length < 1 || entries.length > EVENT_TYPES_MAX)
    throw events.wrong(`expected 1 to ${EVENT_TYPES_MAX} events`)
  for (const [name, fields] of entries) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw fields.wrong('an event has a name of small letters, digits and -')
    const record = recordFrom(fields, true)
    found.set(name, {
      name,
      record,
      meter: meters.get(name),
      rules: [],
      reversals: [],
      cited: new Set(),
      original: undefined,
    })
  }
  return found
}

function recordFrom(at: At, mayHaveLists: boolean): RecordType {
  const entries = at.entries()
  if (entries.length > EVENT_FIELDS_MAX) throw at.wrong(`more than ${EVENT_FIELDS_MAX} fields`)
  const fields: Record<string, RecordField> = {}
  for (const [text, value] of entries) {
    const isOptional = text.endsWith('?')
    const name = isOptional ? text.slice(0, -1) : text
    if (!FIELD.test(name) || RESERVED.has(name))
      throw value.wrong('a field has a name of letters and digits that CEL can say')
    if (Object.hasOwn(fields, name)) throw value.wrong('the field stands twice')
    fields[name] = { type: typeFrom(value, mayHaveLists), isOptional }
  }
  return recordOf(fields)
}

function typeFrom(at: At, mayBeList: boolean): Type {
  if (!Array.isArray(at.value) || !mayBeList) return at.oneOf(SCALARS)
  const [item] = at.list(1, 1)
  const items = typeof item!.value === 'string' ? item!.oneOf(SCALARS) : recordFrom(item!, false)
  return { items, most: EVENT_LIST_MAX }
}

/** Meters by the event that they sign. @throws PointerError `programme`. */
export function parseMeters(meters: At | undefined, eventNames: readonly string[]): Map<string, Meter> {
  const found = new Map<string, Meter>()
  for (const [name, at] of meters?.entries() ?? []) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw at.wrong('a meter has a name of small letters, digits and -')
    const members = at.object(['key', 'events'])
    const [hex] = members.at('key').shaped(/^[0-9a-f]{64}$/, '64 small hex digits')
    for (const event of members.at('events').list(1, EVENT_TYPES_MAX)) {
      const on = event.oneOf(eventNames)
      if (found.has(on)) throw event.wrong('the event has a meter already')
      found.set(on, { name, key: fromHex(hex, 32) })
    }
  }
  return found
}
