import { appendFileSync } from 'node:fs'
import { FolderObjects } from '../../src/files/folder-objects.ts'
import { FolderLease } from '../../src/operations/folder-lease.ts'

// Takes a lease in a folder, and writes down when it might sign, and its name, as often as it can.
const [, , directory, record, name, secondMs] = process.argv
const lease = new FolderLease({
  objects: new FolderObjects(directory!),
  holder: undefined,
  wallMs: () => Date.now(),
  steadyMs: () => performance.now(),
  onLost: () => process.exit(7),
  onTrouble: what => process.stderr.write(`${what}\n`),
  secondMs: Number(secondMs),
})
process.on('SIGTERM', () => lease.release().then(() => process.exit(0)))
await lease.take(() => {}, new AbortController().signal)
setInterval(() => {
  const now = Date.now()
  if (lease.held === undefined) appendFileSync(record!, `${now} ${name}\n`)
}, 1)
