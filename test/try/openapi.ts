import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// Thousands of requests by the OpenAPI documents of ledger and gateway: npm run try:openapi -- --requests 20000

const ROOT = join(import.meta.dirname, '../..')
const at = process.argv.indexOf('--requests')
const requests = at < 0 ? '10000' : process.argv[at + 1]!
const tests = ['test/http/openapi-fuzz.test.ts', 'test/gateway/openapi-fuzz.test.ts']
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--testTimeout', '86400000', ...tests], {
  ...{ cwd: ROOT, stdio: 'inherit' },
  env: { ...process.env, TALLY_FUZZ: requests },
})
process.exitCode = status ?? 1
