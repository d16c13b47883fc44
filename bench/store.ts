import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore, type Piece } from '../src/store/index.ts'

// How fast is the store? Entries of 100 bytes, every append synced, in groups of 1, 100 and 1,000; then reading.
// node bench/store.ts [seconds for each]

const ENTRY_BYTES = 100
const secondsEach = Number(process.argv[2] ?? 2)
const random = crypto.getRandomValues(new Uint8Array(65_536))

function piecesOf(firstIndex: number, count: number): Piece[] {
  const pieces: Piece[] = []
  for (let at = firstIndex; at < firstIndex + count; ) {
    const some = Math.min(256 - (at % 256), firstIndex + count - at)
    const bytes = random.slice(at % 1000, (at % 1000) + some * (2 + ENTRY_BYTES))
    for (let i = 0; i < some; i++) bytes.set([0, ENTRY_BYTES], i * (2 + ENTRY_BYTES))
    pieces.push({ firstIndex: at, count: some, bytes })
    at += some
  }
  return pieces
}

function print(what: string, count: number, unit: string, sinceMs: number): void {
  const perSecond = Math.round((count / (performance.now() - sinceMs)) * 1000)
  console.log(`${what.padEnd(36)} ${perSecond.toLocaleString('en').padStart(12)} ${unit}/s`)
}

const parent = await mkdtemp(join(tmpdir(), 'tallystick-bench-'))
try {
  for (const group of [1, 100, 1000]) {
    const directory = join(parent, String(group))
    let store = await openLevelStore(directory)
    let start = performance.now()
    while (performance.now() - start < secondsEach * 1000) await store.append(piecesOf(store.size, group))
    print(`append, groups of ${group}`, store.size, 'entries', start)
    await store.close()

    start = performance.now()
    store = await openLevelStore(directory)
    print('  open again, all keys looked at', store.size, 'entries', start)
    start = performance.now()
    let count = 0
    for await (const { bytes } of store.scan(0)) count += bytes.length / (2 + ENTRY_BYTES)
    print('  scan', count, 'entries', start)
    const bundles = Math.floor(store.size / 256)
    for (const [what, range] of [
      ['  readBundle, any of them', bundles],
      ['  readBundle, of the same 100', Math.min(bundles, 100)],
    ] as const) {
      if (range === 0) continue
      start = performance.now()
      for (let i = 0; i < 5000; i++) await store.readBundle((i * 7919) % range)
      print(what, 5000, 'bundles', start)
    }
    await store.close()
  }
} finally {
  await rm(parent, { recursive: true, force: true })
}
