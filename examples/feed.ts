import { open, readFile } from 'node:fs/promises'
// Of an installed package: 'tallystick/client'.
import { type FeedEntry, followFeed, type TallyClient } from '../src/client/index.ts'

/**
 * Copies what comes into a log to a file, a line of JSON for each entry, without end. Killed at any moment and started
 * again, it goes on after the last whole line: no entry is missing, and none is there twice. A table of a database
 * does as well, where an entry and its index are written in one transaction.
 *
 * @param client - of a key of the platform or an auditor.
 * @param signal - ends it.
 */
export async function copyFeed(client: TallyClient, path: string, signal: AbortSignal): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  // A line that was cut off while it was written is written again.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const last = whole.trimEnd().split('\n').at(-1) ?? ''
  const after = last === '' ? -1 : (JSON.parse(last) as FeedEntry).index
  const file = await open(path, 'a')
  try {
    await file.truncate(Buffer.byteLength(whole))
    for await (const entry of followFeed(client, { after }, signal)) await file.write(`${JSON.stringify(entry)}\n`)
  } finally {
    await file.close()
  }
}
