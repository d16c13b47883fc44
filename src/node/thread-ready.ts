/** What a thread of `ThreadPool` says when it has started. */
export const READY = 'ready'
