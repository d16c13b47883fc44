import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8Encode } from '../../src/core/bytes.ts'
import { verifyEd25519 } from '../../src/core/crypto/ed25519.ts'
import { keyFromSeed } from '../../src/files/key-files.ts'
import { logKey, SocketSigner, serveSigner } from '../../src/operations/signer-socket.ts'

const { seed, publicKey } = keyFromSeed('log', new Uint8Array(32).fill(7))
const CHECKPOINT = `points.example\n7\n${'A'.repeat(43)}=\n`

describe('a signer behind a socket', () => {
  let folder: string
  let path: string
  let server: Server
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-signer-'))
    path = join(folder, 'log.sock')
    server = await serveSigner(path, logKey({ seed, publicKey }))
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('signs what a log signs, many at once, and nothing else', async () => {
    const signer = await SocketSigner.open(path)
    expect(signer.publicKey).toEqual(publicKey)
    const messages = [CHECKPOINT, ...['promise', 'refusal', 'salts', 'totals'].map(one => `tallystick/${one}/v1\0more`)]
    const signed = await Promise.all(messages.map(text => signer.sign(utf8Encode(text))))
    for (const [i, signature] of signed.entries())
      expect(verifyEd25519(publicKey, utf8Encode(messages[i]!), signature)).toBe(true)
    for (const text of ['tallystick/batch/v1\0', `${CHECKPOINT}more\n`, 'points.example\n', 'header.claims', ''])
      await expect(signer.sign(utf8Encode(text)), text).rejects.toMatchObject({ code: 'signer-refused' })
    signer.close()
  })

  test('is for this user and its group, and bytes that are no question end a connection and no other', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o660)
    const signer = await SocketSigner.open(path)
    const stranger = connect(path).on('error', () => {})
    const closed = new Promise(resolve => stranger.once('close', resolve))
    stranger.resume().write('{"id":1,"sign":7}\n')
    await closed
    expect((await signer.sign(utf8Encode(CHECKPOINT))).length).toBe(64)
    signer.close()
  })

  test('comes back: what is asked meanwhile is answered, and another key is not believed', async () => {
    const other = join(folder, 'other.sock')
    let first: Server | undefined = await serveSigner(other, logKey({ seed, publicKey }))
    const connections = new Set<{ destroy: () => void }>()
    first.on('connection', socket => void connections.add(socket))
    const signer = await SocketSigner.open(other)
    await signer.sign(utf8Encode(CHECKPOINT))
    first.close()
    for (const one of connections) one.destroy()
    first = undefined
    const asked = signer.sign(utf8Encode(CHECKPOINT))
    const again = await serveSigner(other, logKey({ seed, publicKey }))
    expect((await asked).length).toBe(64)
    signer.close()
    again.close()
  })
})
