import { concatBytes, fromBase64, utf8Encode } from '../../core/bytes.ts'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import { TIME_MS_MAX } from '../../core/limits.ts'
import { At } from '../document/forms.ts'
import { canonicalText, type Json, type JsonObject, parseJson } from '../document/json.ts'
import type { EventType, Programme } from '../document/programme.ts'
import type { RecordType, Type, Value } from '../expression/tree.ts'
import { PointerError } from '../failure.ts'
import { EVENT_BYTES_MAX, EVENT_ID_BYTES_MAX } from '../limits.ts'

/** Something that happened, of a kind that a programme names. docs/programmes.md §4. */
export interface ProgrammeEvent {
  readonly id: string
  readonly type: EventType
  readonly timeMs: number
  /** Empty in details, where the account says who. */
  readonly member: string
  readonly data: JsonObject
  readonly signature: string | undefined
}

/**
 * The event that a text says.
 *
 * @param bytes - untrusted.
 * @throws PointerError `event-size`, `event` with the pointer; `json…`; FormatError `utf8`.
 */
export function parseEvent(programme: Programme, bytes: Uint8Array | string): ProgrammeEvent {
  return eventFrom(programme, new At(jsonOfEvent(bytes), '', 'event'), true)
}

function jsonOfEvent(bytes: Uint8Array | string): Json {
  try {
    return parseJson(bytes, EVENT_BYTES_MAX)
  } catch (error) {
    if (error instanceof PointerError && error.code === 'json-size')
      throw new PointerError('event-size', '', `more than ${EVENT_BYTES_MAX} bytes`)
    throw error
  }
}

/**
 * Id and time of what may be an event, for those who choose its document by that; empty and 0 where it says none.
 *
 * @param bytes - untrusted. @throws as `parseEvent`, but for `event`.
 */
export function glanceAtEvent(bytes: Uint8Array | string): { readonly id: string; readonly timeMs: number } {
  const value = jsonOfEvent(bytes)
  if (typeof value !== 'object' || Array.isArray(value)) return { id: '', timeMs: 0 }
  const { id, time } = value as JsonObject
  const isTime = typeof time === 'number' || typeof time === 'string'
  const at = new At(isTime ? time : 0, '/time', 'event')
  const isText = typeof id === 'string' && id.length <= EVENT_ID_BYTES_MAX
  return { id: isText ? id : '', timeMs: typeof time === 'string' ? at.time() : (at.value as number) }
}

/** The event at a place: with its member, or in details without. @throws PointerError with the code of the place. */
export function eventFrom(programme: Programme, at: At, hasMember: boolean): ProgrammeEvent {
  const members = at.object(hasMember ? ['id', 'type', 'time', 'member', 'data'] : ['id', 'type', 'time', 'data'], [
    'signature',
  ])
  const typeAt = members.at('type')
  const type = programme.events.get(typeof typeAt.value === 'string' ? typeAt.value : '')
  if (type === undefined) throw typeAt.wrong('the programme has no such event')
  const data = members.at('data')
  const fields = recordAt(data, type.record)
  if (type.cited.size > 0)
    for (const [name, value] of data.entries())
      if (type.cited.has(name)) value.shaped(/^[0-9a-f]{32}$/, 'the id of an entry, 32 small hex digits')
  const timeAt = members.at('time')
  const event: ProgrammeEvent = {
    id: identifier(members.at('id')),
    type,
    timeMs: typeof timeAt.value === 'string' && hasMember ? timeAt.time() : timeAt.integer(0, TIME_MS_MAX),
    member: hasMember ? identifier(members.at('member')) : '',
    data: fields,
    signature: members.maybe('signature')?.text(),
  }
  checkMeter(programme, event, at)
  return event
}

const CONTROL = /[\x00-\x1f\x7f-\x9f]/

function identifier(at: At): string {
  const text = at.text(EVENT_ID_BYTES_MAX)
  if (text === '' || CONTROL.test(text)) throw at.wrong('expected 1 to 128 bytes without control characters')
  return text
}

/** The record at a place, its names in their order, so that it is written canonically as it is. */
function recordAt(at: At, { fields, names, required }: RecordType): JsonObject {
  const members = at.object(required, names)
  const found: Record<string, Json> = {}
  for (const name of names) {
    const value = members.maybe(name)
    if (value !== undefined) found[name] = valueAt(value, fields[name]!.type)
  }
  return found
}

function valueAt(at: At, type: Type): Json {
  if (type === 'text') return at.text()
  if (type === 'int') return at.integer(Number.MIN_SAFE_INTEGER)
  if (type === 'bool') return at.boolean()
  if (!('items' in type)) return recordAt(at, type)
  return at.list(0, type.most).map(item => valueAt(item, type.items))
}

/** Refuses a measurement that its meter did not sign, and a signature where there is no meter. */
function checkMeter({ name }: Programme, { type, id, timeMs, data, signature }: ProgrammeEvent, at: At): void {
  if (type.meter === undefined) {
    if (signature !== undefined) throw at.wrong('no meter signs such events')
    return
  }
  if (signature === undefined) throw at.wrong(`the signature of the meter ${type.meter.name} is missing`)
  const message = measurementMessage(name, type.name, id, timeMs, data)
  let bytes: Uint8Array
  try {
    bytes = fromBase64(signature)
  } catch {
    throw at.wrong('the signature is no base64')
  }
  if (!verifyEd25519(type.meter.key, message, bytes))
    throw at.wrong(`the signature is not of the meter ${type.meter.name}`)
}

/**
 * What a meter signs of an event. docs/programmes.md §4.
 *
 * @example
 * const message = measurementMessage(digest, 'steps', event.id, event.timeMs, { count: 9000 })
 * const signature = signEd25519(meterSeed, message)
 */
export function measurementMessage(
  programme: string,
  type: string,
  id: string,
  time: number,
  data: JsonObject,
): Uint8Array {
  const text = canonicalText({ data, id, programme, time, type })
  return concatBytes(utf8Encode('tallystick/measurement/v1'), new Uint8Array(1), utf8Encode(text))
}

/**
 * What an issuer signs of the answer that an event earned nothing. docs/programmes.md §10.
 *
 * @param member - as the event names her. @param text - the details.
 */
export function answerMessage(ledgerId: Uint8Array, member: string, text: string): Uint8Array {
  const signed = utf8Encode(canonicalText([member, text]))
  return concatBytes(utf8Encode('tallystick/answer/v1'), new Uint8Array(1), ledgerId, signed)
}

/** The event as details have it. */
export function eventInDetails({ id, type, timeMs, data, signature }: ProgrammeEvent): JsonObject {
  return { data, id, ...(signature === undefined ? {} : { signature }), time: timeMs, type: type.name }
}

/** The fields of an event as expressions see them. */
export function recordValue(data: JsonObject, { fields }: RecordType): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>()
  for (const name of Object.keys(data)) found.set(name, valueFrom(data[name]!, fields[name]!.type))
  return found
}

function valueFrom(value: Json, type: Type): Value {
  if (typeof value === 'number') return BigInt(value)
  if (typeof type === 'string') return value as string | boolean
  if ('fields' in type) return recordValue(value as JsonObject, type)
  return (value as readonly Json[]).map(item => valueFrom(item, type.items))
}
