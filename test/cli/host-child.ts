import { main } from '../../cli/main.ts'

// A process that runs one `tally` command after another: see `Host` in run.ts.

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
