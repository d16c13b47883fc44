import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEntry, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { signSubmission } from '../../src/client/key.ts'
import { toHex } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { engine } from '../../src/core/crypto/engine.ts'
import { decodeSubmission } from '../../src/core/entry/submission.ts'
import {
  ED25519_KEY,
  formatNote,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../src/core/note/note.ts'
import { leafHash, nodeHash } from '../../src/core/tree/merkle.ts'
import { encodePromise, promiseMessage } from '../../src/verify/promise.ts'
import { formatReceipt, parseReceipt } from '../../src/verify/receipt.ts'
import { encodeRefusal, refusalMessage } from '../../src/verify/refusal.ts'
import { tally } from '../cli/run.ts'
import { keyNumber, OPERATOR_KEY } from '../world.ts'
import { type Answer, type ServedGateway, ServedShop } from './shop.ts'

const DAY = 86_400_000
const codeOf = ({ status, body }: Answer) => [status, body.code]

describe('the complaint desk of a gateway', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let account: number
  let issue: (amount: number) => Uint8Array
  /** A promise that was not kept, one that was; a refusal; a receipt. */
  let promise: Uint8Array
  /** Of a tree of that depth. */
  let promiseOf: (depth: number, dueMs?: number) => Uint8Array
  let kept: Uint8Array
  let refusal: Uint8Array
  let receipt: Uint8Array
  /** A refusal for a rate, as the log signs it, of so many points. */
  const refusalBy = (signers: readonly SigningKey[], points: number, change = (batch: Uint8Array) => batch) => {
    const { ledgerId, log, keys, nowMs } = shop.world
    const submission = change(signSubmission(signers, ledgerId, [issue(points)], []))
    const { signatures, transactions } = decodeSubmission(submission)
    const head = { ledgerId, size: log.size, time: nowMs, code: 'rate' } as const
    const signature = signEd25519(keys.log.seed, refusalMessage(head, signatures, transactions))
    return encodeRefusal({ ...head, signature, submission })
  }
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    const { issuer } = shop.shop.keys
    const client = new TallyClient({ url: shop.url, policy: shop.world.policy })
    const { body } = await gateway.ask('PUT', '/v1/members/mei')
    account = body.account
    const { budget } = shop.shop.units[0]!
    issue = amount => makeEntry('issue', { debit: budget, credit: account, amount })
    const answer = await client.submit([issue(5)], [issuer], { wait: 'sealed' })
    kept = encodePromise(answer.kept!)
    receipt = await client.as(shop.shop.keys.registrar).receipt(answer.index! + 1)
    // What the log promises, and does not keep.
    const { deadline, ledgerId } = answer.kept!
    const other = new Uint8Array(32).fill(9)
    promiseOf = (depth, due = deadline) => {
      const path = Array.from({ length: depth }, () => other)
      const root = path.reduce(nodeHash, leafHash(answer.kept!.batch))
      const head = { ledgerId, size: 2 ** depth, root, deadline: due }
      const signature = signEd25519(shop.world.keys.log.seed, promiseMessage(head))
      return encodePromise({ ...answer.kept!, ...head, signature, index: 0, path })
    }
    promise = promiseOf(0)
    refusal = refusalBy([issuer], 1)
  })
  afterAll(() => shop.destroy())

  const handIn = async (file: Uint8Array, query = '') => {
    // One address hands in so much a minute, by the gateway's clock.
    shop.aheadMs += 10_000
    const response = await fetch(`${gateway.url}/v1/complaints${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(file),
    })
    return { status: response.status, body: await response.json(), headers: response.headers } as Answer
  }
  const open = async (path: string) => {
    const response = await fetch(gateway.url + path)
    return { status: response.status, body: await response.json(), headers: response.headers } as Answer
  }

  test('keeps a file that holds, of anyone, and answers with a signed receipt and a deadline', async () => {
    const { status, body } = await handIn(refusal, '?about=They+took+nothing&contact=mei@example')
    expect([status, body]).toMatchObject([
      201,
      { kind: 'refusal', overdue: false, answer: null, bytes: refusal.length },
    ])
    expect(body.digest).toBe(toHex(engine().sha256(refusal)))
    expect(Date.parse(body.deadline) - Date.parse(body.at)).toBe(30 * DAY)
    const { key, complaints } = (await gateway.get('/v1/complaints')).body
    expect(complaints).toMatchObject([{ id: body.id, about: 'They took nothing', contact: 'mei@example' }])
    const note = parseNote(Buffer.from(body.receipt))
    expect(verifyNote(note, [parseVerifierKey(key)])).toHaveLength(1)
    expect(note.text.split('\n').slice(2, 6)).toEqual([body.digest, 'refusal', body.at, body.deadline])
    const again = await handIn(refusal)
    expect([again.status, again.body.id]).toEqual([200, body.id])
    const file = await fetch(`${gateway.url}/v1/complaints/${body.id}/file`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    })
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array(refusal))
  })

  test('refuses what does not hold, is no such file, or is too large, and keeps nothing of it', async () => {
    const before = (await gateway.get('/v1/complaints')).body.complaints.length
    const forged = refusal.slice()
    forged[forged.length - 1]! ^= 1
    expect((await handIn(forged)).status).toBe(422)
    expect(codeOf(await handIn(new TextEncoder().encode('I am angry')))).toEqual([422, 'complaint-file'])
    expect(codeOf(await handIn(new Uint8Array(1024 * 1024 + 1)))).toEqual([413, 'body-size'])
    expect((await gateway.get('/v1/complaints')).body.complaints).toHaveLength(before)
  })

  test('keeps nothing by which nobody is owed anything, however well it is signed', async () => {
    const stranger = { holder: { record: 1000 }, seed: new Uint8Array(32).fill(3) }
    const registrar = { holder: shop.shop.keys.registrar.holder, seed: stranger.seed }
    const { world } = shop
    const genesis = (await world.log.prover.receipt(1)) as Uint8Array
    const seal = (await world.log.prover.receipt(world.log.size - 1)) as Uint8Array
    for (const file of [
      ...[kept, promiseOf(20, world.nowMs + DAY), genesis, seal],
      ...[refusalBy([stranger], 1), refusalBy([registrar], 1), refusalBy([stranger, shop.shop.keys.issuer], 1)],
    ])
      expect(codeOf(await handIn(file))).toEqual([422, 'complaint-unowed'])
  })

  test('keeps once what proves the same, and ten of one account or signer', async () => {
    const { issuer, registrar } = shop.shop.keys
    const first = await handIn(receipt)
    expect([first.status, first.body.says]).toEqual([201, expect.stringContaining(`account ${account}`)])
    // Under lines of other keys it is another file.
    const { text, signatures } = parseNote(parseReceipt(receipt).checkpoint)
    const stranger = verifierKey('stranger.example', ED25519_KEY, keyNumber(99).publicKey)
    const checkpoint = formatNote({ text, signatures: [...signatures, signNote(text, stranger, keyNumber(99).seed)] })
    const again = await handIn(formatReceipt({ ...parseReceipt(receipt), checkpoint }))
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
    const states = []
    for (let points = 2; points <= 12; points++) states.push((await handIn(refusalBy([issuer], points))).status)
    // One of the issuer was there.
    expect(states).toEqual([...Array(9).fill(201), 409, 409])
    expect((await handIn(refusalBy([registrar], 2))).status).toBe(201)
  })

  test('is answered once, signed; anyone with the id sees it, and nobody else the words of the member', async () => {
    const { id } = (await handIn(promise, '?about=secret')).body
    const answered = await gateway.post(`/v1/complaints/${id}/answer`, { text: 'It was kept.', upheld: false })
    expect(answered).toMatchObject({ status: 200, body: { answer: { text: 'It was kept.', upheld: false } } })
    expect(codeOf(await gateway.post(`/v1/complaints/${id}/answer`, { text: 'No.', upheld: true }))).toEqual([
      409,
      'complaint-answered',
    ])
    const seen = await open(`/v1/complaints/${id}`)
    expect(seen.body).toMatchObject({ kind: 'promise', answer: { text: 'It was kept.' } })
    expect(JSON.stringify(seen.body)).not.toContain('secret')
    expect((await open('/v1/complaints')).status).toBe(401)
    expect((await open(`/v1/complaints/cp_${'A'.repeat(24)}`)).body.code).toBe('complaint-unknown')
  })

  test('shows as overdue what is not answered by its deadline', async () => {
    expect((await gateway.get('/v1/complaints?state=overdue')).body.complaints).toEqual([])
    shop.aheadMs = 31 * DAY
    const { complaints } = (await gateway.get('/v1/complaints?state=overdue')).body
    expect(complaints[0]).toMatchObject({ kind: 'refusal', overdue: true })
    expect(complaints).not.toContainEqual(expect.objectContaining({ kind: 'promise' }))
    shop.aheadMs = 0
  })

  test('is read and answered from the command line', async () => {
    await writeFile(join(shop.folder, 'api.key'), gateway.key)
    const place = ['--url', gateway.url, '--api-key', 'api.key']
    const listed = await tally(shop.folder, 'complaints', 'list', '--state', 'open', '--json', ...place)
    expect(listed.status, listed.err).toBe(0)
    const [{ id }] = JSON.parse(listed.out).complaints
    const shown = await tally(shop.folder, 'complaints', 'show', id, '--file', 'handed-in', ...place)
    expect(shown.out).toContain('They took nothing')
    expect(await readFile(join(shop.folder, 'handed-in'))).toEqual(Buffer.from(refusal))
    const answer = ['complaints', 'answer', id, 'It will be sent again.', ...place]
    expect(await tally(shop.folder, ...answer)).toMatchObject({ status: 2 })
    expect(await tally(shop.folder, ...answer, '--upheld')).toMatchObject({ status: 0 })
    expect(await tally(shop.folder, ...answer, '--upheld')).toMatchObject({
      status: 1,
      err: expect.stringContaining('complaint-answered'),
    })
  })
})

describe('the rights of a member', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    // Erasures are entries that the ledger signs with a key of its own.
    const { world } = shop
    await world.submit([world.root], world.bytes(world.registerKey('operator', OPERATOR_KEY)))
    gateway = await shop.gateway('rights')
    await gateway.post('/v1/earn', { member: 'mei', points: 50, order: 'o-1', reason: 'her birthday, 3 May' })
    await gateway.post('/v1/earn', { member: 'anna', points: 9, order: 'o-2', reason: 'a chair' })
    await gateway.post('/v1/webhooks', { url: 'http://127.0.0.1:1/never' })
    await shop.world.log.publisher.publish()
  })
  afterAll(() => shop.destroy())

  test('a look of staff is noted with key, path and member, and nothing else is', async () => {
    const desk = await gateway.gateway.apiKeys.add('desk', ['read'], 100)
    const as = (path: string) => gateway.ask('GET', path, undefined, { authorization: `Bearer ${desk}` })
    await as('/v1/members/mei')
    await as('/v1/members/mei/movements?limit=5')
    await as('/v1/members?limit=5')
    await as('/v1/members/nobody')
    const { looks } = (await gateway.get('/v1/looks?key=desk')).body
    expect(looks.map(({ what, member }: { what: string; member: string }) => [what, member])).toEqual([
      ['GET /v1/members', null],
      ['GET /v1/members/:member/movements', 'mei'],
      ['GET /v1/members/:member', 'mei'],
    ])
    const page = (await gateway.get('/v1/looks?member=mei&limit=1')).body
    expect(page.looks).toMatchObject([{ what: 'GET /v1/members/:member/movements' }])
    const next = (await gateway.get(`/v1/looks?member=mei&limit=1&cursor=${page.next}`)).body
    expect(next.looks).toMatchObject([{ what: 'GET /v1/members/:member', key: 'desk' }])
    expect(codeOf(await as('/v1/looks'))).toEqual([403, 'key-scope'])
  })

  test('a copy has all that is kept of her, and nothing of another', async () => {
    const { status, body } = await gateway.get('/v1/members/mei/copy')
    expect([status, body]).toMatchObject([200, { format: 'tallystick/member-copy/v1', member: 'mei' }])
    const text = JSON.stringify(body)
    expect(text).toContain('her birthday, 3 May')
    expect(text).not.toContain('a chair')
    expect(body.accounts).toMatchObject([{ unit: 'stars', balance: 50 }])
    expect(body.accounts[0].movements.map(({ kind }: { kind: string }) => kind)).toEqual(['open', 'earn'])
    expect(body.accounts[0].statement.length).toBeGreaterThan(100)
    expect(body.looks.length).toBeGreaterThan(0)
    expect(codeOf(await gateway.get('/v1/members/nobody/copy'))).toEqual([404, 'member-unknown'])
  })

  test('an erasure leaves nothing of her, here and at the ledger, also where an old memory is put back', async () => {
    const state = join(shop.folder, 'rights')
    const { accounts } = (await gateway.get('/v1/members/mei/copy')).body
    const [{ commitment }] = accounts[0].details
    await gateway.post('/v1/members/mei/link', {})
    const ledger = new TallyClient({ url: shop.url, policy: shop.world.policy, caller: shop.shop.keys.registrar })
    const detailsOf = () =>
      ledger
        .read(`/v1/details/${commitment}`, value => value as { text: string })
        .then(
          ({ text }) => text,
          (error: { status: number }) => error.status,
        )
    await expect.poll(detailsOf).toContain('birthday')
    await gateway.close()
    await cp(join(state, 'memory'), join(state, 'backup'), { recursive: true })
    gateway = await shop.gateway('rights')

    expect(codeOf(await gateway.post('/v1/members/mei/erase', {}))).toEqual([409, 'member-has-points'])
    const erased = await gateway.post('/v1/members/mei/erase', { leave: true })
    expect(erased).toMatchObject({ status: 200, body: { details: 1, links: 1 } })
    const again = await gateway.post('/v1/members/mei/erase', { leave: true })
    expect([again.status, again.body.mark]).toEqual([200, erased.body.mark])
    const gone = async () => {
      expect(await detailsOf()).toBe(410)
      expect(codeOf(await gateway.get('/v1/members/mei'))).toEqual([410, 'member-erased'])
      expect(codeOf(await gateway.post('/v1/earn', { member: 'mei', points: 1 }))).toEqual([410, 'member-erased'])
      const { looks } = (await gateway.get('/v1/looks?limit=1000')).body
      expect(looks.filter(({ member }: { member: string }) => member === 'mei')).toEqual([])
      expect((await gateway.get('/v1/members')).body.members).toMatchObject([{ id: 'anna' }])
      expect(
        (await gateway.get('/v1/activity')).body.activities.map(({ member }: { member: string }) => member),
      ).not.toContain('mei')
      expect((await gateway.get('/v1/members/anna')).body.units.stars.balance).toBe(9)
    }
    await gone()
    expect(await readFile(join(state, 'erasures.jsonl'), 'utf8')).not.toContain('mei')

    await gateway.close()
    await rm(join(state, 'memory'), { recursive: true })
    await cp(join(state, 'backup'), join(state, 'memory'), { recursive: true })
    gateway = await shop.gateway('rights')
    await gone()
    // And where the memory is lost, and made again from a list of ids.
    await gateway.close()
    await rm(join(state, 'memory'), { recursive: true })
    gateway = await shop.gateway('rights')
    expect(await gateway.gateway.follower.rebuild(['mei', 'anna'])).toMatchObject({ members: 1, nameless: 1 })
    await gone()
    expect((await gateway.post('/v1/erasures/apply', undefined)).body).toEqual({ erased: 1 })
    expect((await gateway.get('/v1/erasures')).body.erasures).toMatchObject([{ mark: erased.body.mark }])
  })
})
