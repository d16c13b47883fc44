/**
 * WATCHER. Looks at a log again and again: it must only grow, be cosigned, be fresh, and keep its promises. It keeps
 * the evidence of every trouble, and mirrors the public files. It knows a policy, and imports no code of the server.
 *
 * @example
 * const watcher = new Watcher({ policy, tileAt, maxAgeMs: 600_000, startedMs: Date.now() })
 * for (const { code, message } of await watcher.look(note, Date.now())) console.log(code, message)
 */
export { Alarm, type AlarmOptions, type News } from './alarm.ts'
export { type MirrorOptions, type MirrorReport, type MirrorSource, mirror } from './mirror.ts'
export { type PromiseState, type Trouble, type WatchedPromise, Watcher, type WatcherOptions } from './watcher.ts'
