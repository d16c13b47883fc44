import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Level } from 'level'

// Loaded before a command of `tally`: ends the process with SIGKILL at the n-th write of a name, before or after it
// has its effect. KILL_AT=name:n, or name-after:n. The writes are those of `WRITES` in kill.ts.

const [name = '', nth = '1'] = (process.env['KILL_AT'] ?? '').split(':')
let left = Number(nth)

function reached(what: string): void {
  if (what === name && --left === 0) process.kill(process.pid, 'SIGKILL')
}

/** Has a method say that it begins, and that it is done. */
function watch(owner: object, method: string, what: string): void {
  const methods = owner as Record<string, (...args: unknown[]) => Promise<unknown>>
  const original = methods[method]!
  methods[method] = async function (this: unknown, ...args) {
    reached(what)
    const done = await original.apply(this, args)
    reached(`${what}-after`)
    return done
  }
}

for (const method of ['rename', 'unlink', 'writeFile', 'mkdir']) watch(promises, method, method)
const handle = await promises.open(import.meta.filename)
const handles = Object.getPrototypeOf(handle) as object
await handle.close()
for (const method of ['sync', 'datasync']) watch(handles, method, 'sync')
watch(handles, 'appendFile', 'append')
// `Level` is the class of classic-level that writes, under another name.
const owner = Object.hasOwn(Level.prototype, '_batch') ? Level.prototype : Object.getPrototypeOf(Level.prototype)
watch(owner as object, '_batch', 'batch')
syncBuiltinESMExports()
