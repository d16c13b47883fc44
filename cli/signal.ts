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
