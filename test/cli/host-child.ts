// A process that runs one `tally` command after another: see `Host` in run.ts, which names the file of `main`.
const { main } = (await import(process.argv[2]!)) as typeof import('../../cli/main.ts')

// A client that is not answered asks again after 200, 400, 800 and 1,600 ms: here after a tenth of that, as often.
const PAUSES_MS = [200, 400, 800, 1600]
const { setTimeout: later } = globalThis
const sooner = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
  later(run, PAUSES_MS.includes(ms ?? 0) ? ms! / 10 : ms, ...args)
globalThis.setTimeout = Object.assign(sooner, later)

interface Order {
  readonly directory: string
  readonly args: readonly string[]
}

// Each command of a process of its own would add its listeners for signals once.
process.setMaxListeners(0)
process.on('disconnect', () => process.exit())
process.on('message', async ({ directory, args }: Order) => {
  let [out, err] = ['', '']
  process.stdout.write = (text: string | Uint8Array) => {
    out += String(text)
    return true
  }
  process.stderr.write = (text: string | Uint8Array) => {
    err += String(text)
    return true
  }
  process.chdir(directory)
  process.exitCode = 0
  await main([process.execPath, 'tally', ...args])
  process.send!({ status: process.exitCode, out, err })
  process.exitCode = 0
})
