/**
 * WATCHER. Looks at a log again and again with nothing but a policy: it must only grow, be cosigned, be fresh and keep
 * the promises handed in. Keeps the evidence of what does not, and mirrors what is public. Reaches no code of the
 * server.
 */
export { Alarm, type AlarmOptions, type News } from './alarm.ts'
export { type MirrorOptions, type MirrorReport, type MirrorSource, mirror } from './mirror.ts'
export { type PromiseState, type Trouble, type WatchedPromise, Watcher, type WatcherOptions } from './watcher.ts'
