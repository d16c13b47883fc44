import fc from 'fast-check'

/** A schema of JSON, as far as our documents have it. */
interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** An OpenAPI document. */
export interface FuzzedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** What a server is asked: mostly what its document says, and now and then something else. */
interface Asked {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface FuzzOptions {
  readonly url: string
  readonly document: FuzzedDocument
  readonly requests: number
  readonly seed: number
  /** Headers of each request, such as the key that it is asked with. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  /** Words that name something there is, so that more than 404 is answered. */
  readonly words: readonly string[]
  /** Values of parameters and fields that are always these. */
  readonly fixed?: Readonly<Record<string, unknown>>
  /** Codes that a 503 may have: what is there a moment later. */
  readonly later?: readonly string[]
}

/** How often something stands that the schema does not allow: once in so many times. */
const WRONG = 8
const AT_ONCE = 8

/**
 * Asks a server what its document says, at random, and returns what it answered that stands in none of it, or is an
 * error of its own.
 */
export async function fuzz(options: FuzzOptions): Promise<string[]> {
  const { requests, seed } = options
  const asked = fc.sample(new Asker(options).requests(), { numRuns: requests, seed })
  const found: string[] = []
  for (let at = 0; at < asked.length; at += AT_ONCE)
    await Promise.all(
      asked.slice(at, at + AT_ONCE).map(async one => {
        const wrong = await ask(options, one)
        if (wrong !== undefined) found.push(wrong)
      }),
    )
  return found
}

async function ask(
  { url, headers, later = [] }: FuzzOptions,
  { operation, method, path, headers: more, body }: Asked,
): Promise<string | undefined> {
  const response = await fetch(url + path, {
    method: method.toUpperCase(),
    headers: { ...(await headers()), ...more },
    ...(body === undefined ? {} : { body }),
  })
  const { status } = response
  const text = await response.text()
  const said = `${operation.operationId}: ${method} ${path} ${body ?? ''}: ${status} ${text.slice(0, 300)}`
  if (!(status in operation.responses)) return `not in the document: ${said}`
  if (status === 503 && later.some(code => text.includes(`"${code}"`))) return undefined
  return status >= 500 ? `an error of its own: ${said}` : undefined
}

class Asker {
  readonly #options: FuzzOptions

  constructor(options: FuzzOptions) {
    this.#options = options
  }

  requests(): fc.Arbitrary<Asked> {
    const operations = Object.entries(this.#options.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => this.#request(path, method, operation)),
    )
    return fc.oneof(...operations)
  }

  #request(path: string, method: string, operation: Operation): fc.Arbitrary<Asked> {
    const parameters = operation.parameters ?? []
    const values = fc.tuple(
      ...parameters.map(one =>
        one.required || one.in === 'path'
          ? this.#value(one.schema, one.name)
          : fc.option(this.#value(one.schema, one.name), { nil: undefined }),
      ),
    )
    const contents = Object.entries(operation.requestBody?.content ?? {})
    const body =
      contents.length === 0
        ? fc.constant(undefined)
        : fc.oneof(...contents.map(([type, { schema }]) => this.#body(type, schema ?? {})))
    return fc.tuple(values, body).map(([found, sent]) => {
      const query = new URLSearchParams()
      const headers: Record<string, string> = {}
      let filled = path
      parameters.forEach((parameter, i) => {
        const value = found[i]
        if (value === undefined) return
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, segment(text))
        else if (parameter.in === 'query') query.set(parameter.name, text)
        // A header is latin, and has no line breaks.
        else headers[parameter.name] = text.replace(/[^ -~]/g, '') || 'x'
      })
      return {
        ...{ operation, method, path: `${filled}${query.size === 0 ? '' : `?${query}`}` },
        headers: { ...headers, ...(sent === undefined ? {} : { 'content-type': sent.type }) },
        ...(sent === undefined || method === 'get' ? {} : { body: sent.text }),
      }
    })
  }

  #body(type: string, schema: Schema): fc.Arbitrary<{ type: string; text: string }> {
    if (!type.endsWith('json') || type.includes('x-ndjson'))
      return fc.string({ maxLength: 60 }).map(text => ({ type, text: text || 'x' }))
    const text = fc.oneof(
      { weight: 20, arbitrary: this.#value(schema, '').map(value => JSON.stringify(value ?? null)) },
      { weight: 1, arbitrary: fc.string({ maxLength: 30 }).map(text => text || '{') },
    )
    return text.map(found => ({ type, text: found }))
  }

  /** A value of a schema; now and then any other. */
  #value(schema: Schema, name: string, depth = 0): fc.Arbitrary<unknown> {
    const { fixed = {} } = this.#options
    if (name in fixed) return fc.constant(fixed[name])
    return fc.oneof(
      { weight: WRONG, arbitrary: this.#right(schema, depth) },
      { weight: 1, arbitrary: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.string({ maxLength: 20 }), fc.integer()) },
    )
  }

  #right(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const { document, words } = this.#options
    if (schema.$ref !== undefined)
      return this.#right(document.components?.schemas?.[schema.$ref.split('/').at(-1)!] ?? {}, depth)
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const either = schema.anyOf ?? schema.oneOf
    if (either !== undefined) return fc.oneof(...either.map(one => this.#right(one, depth)))
    switch (schema.type) {
      case 'object':
        return this.#object(schema, depth)
      case 'array':
        return depth > 3
          ? fc.constant([])
          : fc.array(this.#value(schema.items ?? {}, '', depth + 1), { minLength: schema.minItems ?? 0, maxLength: 3 })
      case 'integer':
      case 'number':
        return this.#integer(schema)
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'string':
        return this.#string(schema)
      default:
        return fc.oneof(fc.constantFrom(...words), fc.jsonValue({ maxDepth: 2 }))
    }
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema, depth: number): fc.Arbitrary<unknown> {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, this.#value(one, name, depth + 1)]),
    )
    const known = fc.record(fields, { requiredKeys: required.filter(name => name in fields) as never[] })
    if (typeof additionalProperties !== 'object') return known
    return fc.dictionary(fc.string({ maxLength: 8 }), this.#value(additionalProperties, '', depth + 1), { maxKeys: 3 })
  }

  #integer({ minimum = -1000, maximum = Number.MAX_SAFE_INTEGER }: Schema): fc.Arbitrary<number> {
    return fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, Math.max(minimum, 0) + 40) }) },
      { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
    )
  }

  #string({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
    const any = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)), unit: 'binary' })
    if (pattern !== undefined)
      return fc.oneof({ weight: 4, arbitrary: fc.stringMatching(new RegExp(pattern)) }, { weight: 1, arbitrary: any })
    return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...this.#options.words) }, { weight: 1, arbitrary: any })
  }
}

/** A part of a path, which is never empty, nor one that clients take out. */
function segment(text: string): string {
  const made = encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))
  return made === '' || made === '.' || made === '..' ? 'x' : made
}
