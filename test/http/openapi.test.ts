import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, ServedWorld } from './server.ts'

// That each answer which the tests of this folder get is in the document, `ServedWorld` looks at: see `destroy`.

interface Operation {
  readonly operationId: string
  readonly security?: readonly object[]
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> }
  readonly responses: Readonly<Record<string, Described>>
}

type Described = { readonly $ref: string } | { readonly content?: object; readonly headers?: object }

interface Document {
  readonly openapi: string
  readonly servers: readonly object[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly securitySchemes: object; readonly responses: Readonly<Record<string, Described>> }
}

describe('/openapi.json', () => {
  let served: ServedWorld
  let text: string
  let document: Document
  beforeAll(async () => {
    served = await ServedWorld.create()
    text = await (await served.get('/openapi.json')).text()
    document = JSON.parse(text) as Document
  })
  afterAll(() => served.destroy())

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    )
  /** `optional`: some requests want a token, others none. */
  const tokenOf = (security: readonly object[] = []) =>
    security.length === 0 ? '' : security.length === 1 ? ' with a token' : ' perhaps with a token'

  test('a linter has nothing to say', async () => {
    const config = await createConfig({ extends: ['recommended'] })
    const problems = await lintFromString({ source: text, config, absoluteRef: 'openapi.json' })
    const said = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
    // 405 answers the methods that are no operations: nothing can refer to it.
    expect(said.filter(text => !text.includes('"Problem405"'))).toEqual([])
    expect([document.openapi, document.servers.length]).toEqual(['3.1.0', 1])
    expect(document.components.securitySchemes).toMatchObject({ key: { type: 'http', scheme: 'bearer' } })
  })

  test('it has every route, each under a name of its own, and says which of them want a token', () => {
    const names = operations().map(
      ({ operationId, method, path, security }) => `${operationId}: ${method} ${path}${tokenOf(security)}`,
    )
    expect(names.sort()).toEqual([
      'eraseDetails: delete /v1/details/{commitment} with a token',
      'getAccount: get /v1/accounts/{number} with a token',
      'getArchive: get /archive/{n}',
      'getCheckpoint: get /checkpoint',
      'getConsent: get /v1/accounts/{number}/consents/{id} with a token',
      'getDetails: get /v1/details/{commitment} with a token',
      'getHealth: get /healthz',
      'getLedger: get /v1/ledger',
      'getPolicy: get /policy',
      'getReadiness: get /readyz',
      'getReceipt: get /v1/receipts/{index} perhaps with a token',
      'getRef: get /v1/refs/{ref} with a token',
      'getRule: get /v1/rules/{digest}',
      'getSeal: get /seal',
      'getStatement: get /v1/accounts/{number}/statement with a token',
      'getTile: get /tile/{path} perhaps with a token',
      'getTotals: get /totals/{n}',
      'keepDetails: post /v1/details with a token',
      'keepRule: put /v1/rules/{digest} with a token',
      'listAccounts: get /v1/accounts with a token',
      'listBudgets: get /v1/budgets with a token',
      'listConsents: get /v1/accounts/{number}/consents with a token',
      'listDue: get /v1/due with a token',
      'listEntries: get /v1/accounts/{number}/entries with a token',
      'listRegistry: get /v1/registry',
      'listSalts: get /v1/salts with a token',
      'listUnits: get /v1/units',
      'readFeed: get /v1/feed with a token',
      'submitBatch: post /v1/batches perhaps with a token',
      'tryBatch: post /v1/dry-runs with a token',
    ])
    expect(operations().filter(({ summary, tags }) => summary === undefined || tags === undefined)).toEqual([])
  })

  test('every answer of an error is a problem document; 401 and 405 have their headers', () => {
    const resolved = (one: Described) =>
      '$ref' in one ? document.components.responses[one.$ref.replace('#/components/responses/', '')]! : one
    for (const { operationId, responses } of operations())
      for (const [status, one] of Object.entries(responses)) {
        const { content = {} } = resolved(one) as { content?: object }
        const isProblem = Object.keys(content).join() === 'application/problem+json'
        expect(isProblem, `${operationId} ${status}`).toBe(Number(status) >= 400)
      }
    expect(document.components.responses['Problem401']).toMatchObject({ headers: { 'WWW-Authenticate': {} } })
    expect(document.components.responses['Problem405']).toMatchObject({ headers: { Allow: {} } })
  })

  test('the example of a batch is one: the ledger reads it, and finds nobody’s signature', async () => {
    const { content } = operations().find(({ operationId }) => operationId === 'submitBatch')!.requestBody!
    expect(Object.keys(content)).toEqual(['application/json', 'application/cbor'])
    const example = JSON.stringify(content['application/json']!.example)
    expect(await codeOf(await served.post(example, 'application/json'))).toEqual([422, 'signature-invalid'])
  })

  test('401 says which scheme, on every route that wants a token', async () => {
    const wanting = operations().filter(({ security }) => security?.length === 1)
    for (const { method, path } of wanting) {
      const url = served.url + path.replace('{commitment}', '00').replace(/\{(?:ref|digest)\}/, 'a'.repeat(64))
      const response = await fetch(`${url.replace(/\{\w+\}/g, '1')}?unit=1`, { method: method.toUpperCase() })
      const isRef = path.includes('/refs/')
      expect([path, response.status]).toEqual([path, isRef ? 400 : 401])
      if (!isRef) expect(response.headers.get('www-authenticate')).toBe('Bearer')
      await response.arrayBuffer()
    }
  })
})
