import { utf8Decode } from '../../core/bytes.ts'
import { below, PointerError } from '../failure.ts'
import { JSON_DEPTH_MAX } from '../limits.ts'

/** JSON as docs/programmes.md §1 narrows it: integers, no null. */
export type Json = boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** White space, then one token: a mark, a word, a number or a text. */
const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|(true|false)|(-?(?:0|[1-9][0-9]*))(?![0-9.eE+-])|("(?:[^"\\\x00-\x1f]|\\.)*"))/y
/** With the u flag, only surrogates that stand alone. */
const HALF_PAIR = /\p{Surrogate}/u
const REST = /[ \t\n\r]*$/y

/**
 * The value that a JSON text has.
 *
 * @param bytes - untrusted; or text that was UTF-8 before. @param bytesMax - how long the text may be.
 * @throws PointerError `json-size`, `json-depth`, `json` (not JSON, a name twice, a number that is no safe integer,
 * null, a lone surrogate); FormatError `utf8`.
 */
export function parseJson(bytes: Uint8Array | string, bytesMax: number): Json {
  if (bytes.length > bytesMax) throw new PointerError('json-size', '', `more than ${bytesMax} bytes`)
  const text = typeof bytes === 'string' ? bytes : utf8Decode(bytes)
  const value = quickly(text, typeof bytes === 'string')
  if (value !== undefined) return value
  // Something is not as it should be, or might not be: this says what and where.
  const reader = new StrictReader(text)
  const found = reader.value('', 0)
  reader.end()
  return found
}

/**
 * The value of a text by the platform's own parser, which is quick and takes more than is allowed here; undefined where
 * a look at the text and at the value does not show that all of it is allowed.
 */
function quickly(text: string, isGiven: boolean): Json | undefined {
  let [depth, names, isInside] = [0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0xd800 && code <= 0xdfff && isGiven) return undefined
    if (isInside) {
      // A backslash and a quote: what is escaped is none. \u might be half a pair.
      if (code === 0x5c && text.charCodeAt(++i) === 0x75) return undefined
      if (code === 0x22) isInside = false
    } else if (code === 0x22) isInside = true
    else if (code === 0x3a) names++
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > JSON_DEPTH_MAX) return undefined
    } else if (code === 0x7d || code === 0x5d) depth--
    // Of . E e and n, which null, 1e3 and 1.0 have, e is in true and false: the value shows whether it was one of
    // those.
    else if (code === 0x2e || code === 0x45 || code === 0x6e || (code === 0x65 && !isLetter(text.charCodeAt(i - 1))))
      return undefined
  }
  try {
    const value = JSON.parse(text) as Json
    // A name that stands twice is one name in the value.
    return namesIn(value) === names ? value : undefined
  } catch {
    return undefined
  }
}

const isLetter = (code: number) => code >= 0x61 && code <= 0x7a

/** How many names the objects of a value have; not a number where it has something that is not allowed. */
function namesIn(value: Json): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? 0 : Number.NaN
  if (typeof value !== 'object') return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + namesIn(one as Json), 0)
  const names = Object.keys(value)
  let sum = names.length
  for (const name of names) sum += namesIn((value as JsonObject)[name]!)
  return sum
}

class StrictReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  end(): void {
    REST.lastIndex = this.#at
    if (!REST.test(this.#text)) throw this.#wrong('', 'the end of the text')
  }

  value(pointer: string, depth: number): Json {
    const token = this.#next(pointer)
    if (token === '{' || token === '[') {
      if (depth === JSON_DEPTH_MAX)
        throw new PointerError('json-depth', pointer, `nested more than ${JSON_DEPTH_MAX} deep`)
      return token === '{' ? this.#object(pointer, depth + 1) : this.#list(pointer, depth + 1)
    }
    if (token === 'true' || token === 'false') return token === 'true'
    if (token[0] === '"') return this.#string(token, pointer)
    const number = Number(token)
    if (Number.isNaN(number)) throw this.#wrong(pointer, 'a value')
    if (!Number.isSafeInteger(number) || Object.is(number, -0))
      throw new PointerError('json', pointer, `${token} is no integer within ±(2^53 - 1)`)
    return number
  }

  #object(pointer: string, depth: number): JsonObject {
    const found = new Map<string, Json>()
    for (let token = this.#next(pointer); token !== '}'; ) {
      if (token[0] !== '"') throw this.#wrong(pointer, 'a name')
      const name = this.#string(token, pointer)
      const at = below(pointer, name)
      if (found.has(name)) throw new PointerError('json', at, 'the name stands twice')
      if (this.#next(at) !== ':') throw this.#wrong(at, 'a colon')
      found.set(name, this.value(at, depth))
      token = this.#next(pointer)
      if (token === '}') break
      if (token !== ',') throw this.#wrong(pointer, 'a comma or }')
      token = this.#next(pointer)
      if (token === '}') throw this.#wrong(pointer, 'a name')
    }
    // Own properties whatever their names: fromEntries defines, and does not assign.
    return Object.fromEntries(found)
  }

  #list(pointer: string, depth: number): readonly Json[] {
    const found: Json[] = []
    const start = this.#at
    if (this.#next(pointer) === ']') return found
    this.#at = start
    for (;;) {
      found.push(this.value(below(pointer, found.length), depth))
      const token = this.#next(pointer)
      if (token === ']') return found
      if (token !== ',') throw this.#wrong(pointer, 'a comma or ]')
    }
  }

  #string(token: string, pointer: string): string {
    let text: string
    try {
      text = JSON.parse(token) as string
    } catch {
      throw this.#wrong(pointer, 'a text')
    }
    if (HALF_PAIR.test(text)) throw new PointerError('json', pointer, 'a text with half a surrogate pair')
    return text
  }

  #next(pointer: string): string {
    TOKEN.lastIndex = this.#at
    const match = TOKEN.exec(this.#text)
    if (match === null) throw this.#wrong(pointer, 'JSON with integers and without null')
    this.#at = TOKEN.lastIndex
    return match[1] ?? match[2] ?? match[3] ?? match[4]!
  }

  #wrong(pointer: string, expected: string): PointerError {
    const shown = JSON.stringify(this.#text.slice(this.#at, this.#at + 20))
    return new PointerError('json', pointer, `expected ${expected} at character ${this.#at}, before ${shown}`)
  }
}

/**
 * The canonical text of a value: RFC 8785. Names in the order of their UTF-16 code units, no white space; integers and
 * well-formed texts have one form each, which is that of ECMAScript.
 */
export function canonicalText(value: Json): string {
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) {
    let text = '['
    for (let i = 0; i < value.length; i++)
      text += i === 0 ? canonicalText(value[i] as Json) : `,${canonicalText(value[i] as Json)}`
    return `${text}]`
  }
  const object = value as JsonObject
  const names = Object.keys(object)
  if (names.length > 1) names.sort()
  let text = '{'
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    text += `${i === 0 ? '' : ','}${JSON.stringify(name)}:${canonicalText(object[name]!)}`
  }
  return `${text}}`
}
