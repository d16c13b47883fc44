import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { publicKeyFromSeed, signEd25519 } from '../src/core/crypto/ed25519.ts'
import { engine } from '../src/core/crypto/engine.ts'
import type { Machine } from './results.ts'

/** Calls `once`, which does `each` of something, for so many seconds; how many a second were done. */
function perSecond(seconds: number, each: number, once: () => void): number {
  for (const until = performance.now() + 100 * seconds; performance.now() < until; ) once()
  const start = performance.now()
  let done = 0
  for (; performance.now() - start < 1000 * seconds; done += each) once()
  return (done / (performance.now() - start)) * 1000
}

/** What this machine does in one thread with the engine in use, each measured for so many seconds. */
export async function measureMachine(directory: string, seconds: number): Promise<Machine> {
  return {
    ed25519VerifyPerSecond: verifications(seconds),
    sha256PerSecond: hashes(seconds),
    sha256PairPerSecond: pairs(seconds),
    levelPutPerSecond: await levelPuts(join(directory, 'machine'), seconds),
    fdatasyncPerSecond: syncs(join(directory, 'sync'), seconds),
  }
}

/** The engine alone, on messages of 100 bytes; `verifyEd25519` looks at encodings before it. */
function verifications(seconds: number): number {
  const seed = new Uint8Array(32).fill(3)
  const publicKey = publicKeyFromSeed(seed)
  const signed = Array.from({ length: 64 }, (_, i) => {
    const message = new Uint8Array(100).fill(i)
    return { message, signature: signEd25519(seed, message) }
  })
  return perSecond(seconds, signed.length, () => {
    for (const { message, signature } of signed)
      if (!engine().verify(publicKey, message, signature)) throw new Error('a signature does not verify')
  })
}

/** 65 bytes: an inner node of the log's tree. */
function hashes(seconds: number): number {
  const bytes = new Uint8Array(65).fill(1)
  return perSecond(seconds, 1000, () => {
    for (let i = 0; i < 1000; i++) bytes[0] = engine().sha256(bytes)[0]!
  })
}

/** 64-byte pairs, 4,096 a call. */
function pairs(seconds: number): number {
  const [input, output] = [new Uint8Array(64 * 4096).fill(1), new Uint8Array(32 * 4096)]
  return perSecond(seconds, 4096, () => engine().hashPairs(input, output))
}

/** Rows of 8 and 100 bytes under growing keys, 1,000 in each synced batch. */
async function levelPuts(directory: string, seconds: number): Promise<number> {
  const db = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
    writeBufferSize: 8 * 1024 * 1024,
  })
  await db.open()
  const value = crypto.getRandomValues(new Uint8Array(100))
  let done = 0
  const start = performance.now()
  while (performance.now() - start < 1000 * seconds) {
    const keys = new Uint8Array(8000)
    const view = new DataView(keys.buffer)
    const rows = Array.from({ length: 1000 }, (_, i) => {
      view.setUint32(8 * i + 4, done + i)
      return { type: 'put', key: keys.subarray(8 * i, 8 * i + 8), value } as const
    })
    await db.batch(rows, { sync: true })
    done += rows.length
  }
  const rate = (done / (performance.now() - start)) * 1000
  await db.close()
  return rate
}

/** Appends of 200 bytes, each synced before the next. */
function syncs(path: string, seconds: number): number {
  const file = openSync(path, 'w')
  const bytes = new Uint8Array(200).fill(1)
  try {
    return perSecond(seconds, 1, () => {
      writeSync(file, bytes)
      fdatasyncSync(file)
    })
  } finally {
    closeSync(file)
  }
}
