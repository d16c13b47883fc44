import { note } from '../screen/screen.ts'

/** Resolves on the first SIGINT or SIGTERM, with its name; a second one ends the process at once. */
export function untilSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise(resolve => {
    const stop = (name: 'SIGINT' | 'SIGTERM') => {
      resolve(name)
      process.once('SIGINT', () => process.exit(130))
    }
    process.once('SIGINT', () => stop('SIGINT'))
    process.once('SIGTERM', () => stop('SIGTERM'))
  })
}

/** Does some work that the first SIGINT or SIGTERM only ends early: the process goes on, and a second one ends it. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new Error('interrupted'))
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** Resolves after a time, or as soon as `over` does. The process waits for it. */
export async function pause(ms: number, over: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([passed, over])
  clearTimeout(timer)
}

/** A signal that Ctrl-C gives, instead of ending the process at once. */
export function interruptible(): { readonly signal: AbortSignal; stop(): void } {
  const interrupt = new AbortController()
  const onInterrupt = () => {
    note('Stopping after what is under way. Run the same command again to go on.')
    interrupt.abort()
  }
  process.once('SIGINT', onInterrupt)
  return { signal: interrupt.signal, stop: () => process.removeListener('SIGINT', onInterrupt) }
}
