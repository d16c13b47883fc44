import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { environment } from '../cli/run.ts'

test('V8 knows what it is asked for, and nobody stays for it', async () => {
  const collector = new URL('../../src/node/heap.ts', import.meta.url).href
  const script = `import { collectSeldom } from '${collector}'; collectSeldom(); collectSeldom(); globalThis.gc(); console.log('done')`
  const run = promisify(execFile)(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    env: environment(),
    timeout: 100_000,
  })
  // Of a flag that it does not know it speaks on stderr.
  expect(await run).toEqual({ stdout: 'done\n', stderr: '' })
})
