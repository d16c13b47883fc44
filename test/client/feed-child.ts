import { copyFeed } from '../../examples/feed.ts'
import { parsePolicy, TallyClient } from '../../src/client/index.ts'
import { fromHex, utf8Encode } from '../../src/core/bytes.ts'

// Copies a feed into a file until it is killed: where, and with which key, the first message says.

interface Told {
  readonly url: string
  readonly policy: string
  readonly record: number
  readonly seed: string
  readonly nowMs: number
  readonly path: string
}

process.once('message', ({ url, policy, record, seed, nowMs, path }: Told) => {
  const caller = { holder: { record }, seed: fromHex(seed, 32) }
  const client = new TallyClient({ url, policy: parsePolicy(utf8Encode(policy)), caller, nowMs: () => nowMs })
  void copyFeed(client, path, new AbortController().signal)
})
