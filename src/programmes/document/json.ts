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
 * @throws PointerError `json-size`, `json-depth`, `json` (not JSON, a name twice, a number that is no safe integer, null, a
 * lone surrogate); FormatError `utf8`.
 */
export function parseJson(bytes: Uint8Array | string, bytesMax: number): Json {
  if (bytes.length > bytesMax) throw new PointerError('json-size', '', `more than ${bytesMax} bytes`)
  const text = typeof bytes === 'string' ? bytes : utf8Decode(bytes)
  const reader = new JsonReader(text)
  const value = reader.value('', 0)
  reader.end()
  return value
}

class JsonReader {
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
