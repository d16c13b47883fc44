import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { generate } from 'openapi-typescript-codegen'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedGateway, ServedShop } from './shop.ts'

const run = promisify(execFile)
const BIN = join(import.meta.dirname, '../../node_modules/.bin')

const python = await run('openapi-python-client', ['--version']).then(
  () => 'openapi-python-client',
  () => undefined,
)
if (python === undefined)
  console.log('There is no openapi-python-client here (pip install openapi-python-client): no client of it is run.')

const USE_TYPESCRIPT = `
import { GatewayApi } from './gen'

export async function use(BASE: string, TOKEN: string) {
  const { points, members, orders } = new GatewayApi({ BASE, TOKEN })
  const first = await points.earn({ member: 'mei', points: 50, id: 'visit-1' })
  const again = await points.earn({ member: 'mei', points: 50, id: 'visit-1' })
  await orders.holdOrder('o-1', { member: 'mei', points: 20 })
  const { state } = await orders.captureOrder('o-1')
  const { units } = await members.getMember('mei')
  const balance: number | undefined = units['stars']?.balance
  const refused = await orders.holdOrder('o-2', { member: 'mei', points: 9999 }).catch(
    (error: { status: number; body: { code: string; retryable?: boolean } }) => error,
  )
  return { first, again, state, balance, refused }
}
`

const USE_PYTHON = `
import sys
from tallystick_gateway_client import AuthenticatedClient
from tallystick_gateway_client.api.points import earn
from tallystick_gateway_client.api.members import get_member
from tallystick_gateway_client.models import EarnBody

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
with client as client:
    done = earn.sync_detailed(client=client, body=EarnBody(member="lin", points=30, id="visit-2"))
    again = earn.sync_detailed(client=client, body=EarnBody(member="lin", points=30, id="visit-2"))
    member = get_member.sync_detailed("lin", client=client)
    print(done.status_code.value, again.parsed.repeated, member.parsed.units["stars"].balance)
`

describe('clients that others make of the OpenAPI document', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let folder: string
  let document: string
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    folder = await mkdtemp(join(tmpdir(), 'tally-generated-'))
    document = join(folder, 'openapi.json')
    await writeFile(document, JSON.stringify((await gateway.get('/openapi.json')).body))
  })
  afterAll(async () => {
    await shop.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  test('one in TypeScript compiles under strict rules, and earns, pays, and is refused', async () => {
    await generate({ input: document, output: join(folder, 'gen'), httpClient: 'fetch', clientName: 'GatewayApi' })
    await writeFile(join(folder, 'use.ts'), USE_TYPESCRIPT)
    const rules = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--types',
      '',
    ]
    const { stdout } = await run(join(BIN, 'tsc'), [
      ...[...rules, '--target', 'es2022', '--lib', 'es2022,dom'],
      join(folder, 'use.ts'),
    ]).catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
    const outfile = join(folder, 'use.mjs')
    await build({ entryPoints: [join(folder, 'use.ts')], bundle: true, format: 'esm', platform: 'node', outfile })
    const { use } = (await import(outfile)) as { use: (url: string, key: string) => Promise<Record<string, unknown>> }
    expect(await use(gateway.url, gateway.key)).toMatchObject({
      first: { member: 'mei', points: 50, repeated: false },
      again: { repeated: true },
      ...{ state: 'captured', balance: 30 },
      refused: { status: 422, body: { code: 'insufficient', retryable: true } },
    })
  }, 120_000)

  test.skipIf(python === undefined)(
    'one in Python earns once, and reads',
    async () => {
      await run(python!, [
        'generate',
        '--path',
        document,
        '--output-path',
        join(folder, 'py'),
        '--meta',
        'none',
        '--overwrite',
      ])
      const script = join(folder, 'use.py')
      await writeFile(script, USE_PYTHON)
      const shebang = (await readFile((await run('which', [python!])).stdout.trim(), 'utf8')).split('\n')[0]!.slice(2)
      await rm(join(folder, 'tallystick_gateway_client'), { recursive: true, force: true })
      await run('mv', [join(folder, 'py'), join(folder, 'tallystick_gateway_client')])
      const { stdout } = await run(shebang, [script, gateway.url, gateway.key], { cwd: folder })
      expect(stdout).toBe('201 True 30\n')
    },
    300_000,
  )
})
