import type { SwaggerTransform, SwaggerTransformObject } from '@fastify/swagger'
import type { RouteOptions } from 'fastify'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema, titleOf } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Content types of a body that the route reads by itself, each with its schema and an example, if it has any. */
    takes?: Readonly<Record<string, { readonly schema?: z.ZodType; readonly example?: unknown }>>
  }
}

/** Statuses that any request may be answered with, whatever its route is. */
const ALWAYS = [400, 408, 431, 500]
/** Where the transform leaves statuses and bodies for the last step: members that begin with `x-` come through. */
const [PROBLEMS, TAKES] = ['x-problems', 'x-takes'] as const

const toJsonSchema = createJsonSchemaTransform({
  zodToJsonConfig: {
    // An answer may say more one day: who reads it steps over the rest.
    override: ({ jsonSchema, io }: { jsonSchema: { additionalProperties?: unknown }; io?: string }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  },
})

/**
 * The transform of a route to what the OpenAPI document says of it. Errors are said once, in `components`; the
 * statuses that follow from the form of a route are added to those that it names.
 *
 * @param everywhere - statuses that any route of this server may be answered with, besides those of every server.
 */
export function transformOf(everywhere: readonly number[]): SwaggerTransform {
  return document => {
    const { route, schema: whole } = document
    if (whole === undefined || (whole as { hide?: boolean }).hide) return toJsonSchema(document)
    const { response = {}, ...schema } = whole as { response?: Record<string, unknown>; [name: string]: unknown }
    const statuses = new Set([...ALWAYS, ...everywhere, ...impliedBy(route)])
    const own: Record<string, unknown> = {}
    for (const [status, one] of Object.entries(response))
      if (one === problemSchema) statuses.add(Number(status))
      else own[status] = Number(status) < 400 ? one : asProblem(Number(status), one as z.ZodType)
    for (const status of Object.keys(own)) statuses.delete(Number(status))
    const { url, schema: made } = toJsonSchema({ ...document, schema: { ...schema, response: own } } as typeof document)
    return {
      url: url.replace('*', ':path'),
      schema: {
        operationId: operationIdOf(route),
        security: [],
        ...withPath(made as Record<string, unknown>),
        [PROBLEMS]: [...statuses].sort(),
        ...(route.config?.takes === undefined ? {} : { [TAKES]: route.config.takes }),
      } as typeof made,
    }
  }
}

/** Statuses that follow from the form of a route. */
function impliedBy({ schema = {}, config }: RouteOptions): number[] {
  const hasBody = schema.body !== undefined || config?.takes !== undefined
  return [
    ...(schema.params === undefined ? [] : [414]),
    ...(hasBody ? [413, 415, 503] : []),
    ...((schema.security?.length ?? 0) === 0 ? [] : [401, 403]),
  ]
}

function asProblem(status: number, schema: z.ZodType) {
  return { description: titleOf(status), content: { 'application/problem+json': { schema } } }
}

/** An id made of method and path, for a route that has none. */
function operationIdOf({ method, url }: RouteOptions): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  return [String(method).toLowerCase(), ...words.map(word => word[0]!.toUpperCase() + word.slice(1))].join('')
}

/** A parameter that takes the rest of the path is called `path`: OpenAPI has no name for `*`. */
function withPath(schema: Record<string, unknown>): Record<string, unknown> {
  const params = schema['params'] as { properties?: Record<string, unknown>; required?: string[] } | undefined
  if (params?.properties?.['*'] === undefined) return schema
  const { '*': path, ...others } = params.properties
  return { ...schema, params: { ...params, properties: { ...others, path }, required: params.required?.map(pathName) } }
}

function pathName(name: string): string {
  return name === '*' ? 'path' : name
}

/** Of an OpenAPI document the parts that this room writes. */
interface Document {
  components?: { schemas?: object; responses?: object }
  paths?: Record<string, Record<string, ApiOperation>>
}

interface ApiOperation {
  responses: Record<string, unknown>
  requestBody?: unknown
  [PROBLEMS]?: number[]
  [TAKES]?: Readonly<Record<string, { readonly schema?: z.ZodType; readonly example?: unknown }>>
}

/** The last step: problems and bodies in their places. */
export const finish: SwaggerTransformObject = found => {
  const document = ('openapiObject' in found ? found.openapiObject : found.swaggerObject) as Document
  const used = new Set([405])
  for (const operation of Object.values(document.paths ?? {}).flatMap(path => Object.values(path))) {
    const { [PROBLEMS]: statuses = [], [TAKES]: takes } = operation
    delete operation[PROBLEMS]
    delete operation[TAKES]
    for (const status of statuses) {
      used.add(status)
      operation.responses[status] = { $ref: `#/components/responses/Problem${status}` }
    }
    const body = operation.requestBody as DescribedBody | undefined
    if (body !== undefined && Object.values(body.content).every(({ schema }) => mayBeMissing(schema)))
      body.required = false
    if (takes !== undefined)
      operation.requestBody = {
        required: true,
        content: Object.fromEntries(
          Object.entries(takes).map(([type, { schema, ...rest }]) => [
            type,
            { ...(schema === undefined ? {} : { schema: plainSchema(schema) }), ...rest },
          ]),
        ),
      }
  }
  const components = document.components ?? {}
  components.schemas = { ...components.schemas, Problem: plainSchema(problemSchema) }
  components.responses = {
    ...components.responses,
    ...Object.fromEntries([...used].sort().map(status => [`Problem${status}`, responseOf(status)])),
  }
  document.components = components
  return document as ReturnType<SwaggerTransformObject>
}

interface DescribedBody {
  required?: boolean
  readonly content: Readonly<Record<string, { readonly schema?: DescribedSchema }>>
}

interface DescribedSchema {
  readonly default?: unknown
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly DescribedSchema[]
}

/** Whether a body may be left out: it has a default, or may be null. */
function mayBeMissing(schema: DescribedSchema = {}): boolean {
  const { default: fallback, type, anyOf = [] } = schema
  return fallback !== undefined || [type].flat().includes('null') || anyOf.some(mayBeMissing)
}

function plainSchema(schema: z.ZodType): object {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' })
  return plain
}

const HEADERS: Readonly<Record<number, readonly [name: string, description: string]>> = {
  401: ['WWW-Authenticate', 'The scheme by which a caller proves a key: Bearer'],
  405: ['Allow', 'The methods of this path'],
  503: ['Retry-After', 'Seconds, where the same request may be sent again'],
  507: ['Retry-After', 'Seconds, after which the same request may be sent again'],
}

function responseOf(status: number): object {
  const [name, description] = HEADERS[status] ?? []
  return {
    description:
      status === 405 ? `${titleOf(status)}: the answer to every method that a path does not list` : titleOf(status),
    ...(name === undefined ? {} : { headers: { [name]: { description, schema: { type: 'string' } } } }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}
