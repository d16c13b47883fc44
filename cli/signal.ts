/** Resolves on the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise(resolve => {
    const stop = () => {
      resolve()
      process.once('SIGINT', () => process.exit(130))
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })
}
