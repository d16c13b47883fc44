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

/** Resolves after a time, or as soon as `over` does. The process waits for it. */
export async function pause(ms: number, over: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([passed, over])
  clearTimeout(timer)
}
