import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { Brokers } from '../test/kafka/brokers.ts'
import { followers } from './followers.ts'
import { journals } from './journals.ts'
import { Report } from './report.ts'

// npm run bench:outgrow [-- --quick]
// What several machines cost and give, as far as one machine can show it: three brokers of Kafka in place of the
// journal within the process, and followers that serve reads. Needs Linux; for the brokers Java and Maven.

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
useEngine(await loadEngine())
const directory = await mkdtemp(join(tmpdir(), 'tallystick-outgrow-'))
const report = new Report()
report.begin(`the machine: ${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`)
try {
  await followers(directory, values.quick ? 3 : 20, report)
  if (Brokers.lacking !== undefined) report.begin(`Kafka: skipped, as ${Brokers.lacking}`)
  else await journals(directory, values.quick ? { batches: 40, singles: 100 } : { batches: 400, singles: 2000 }, report)
  process.stdout.write(`\n${report.show()}\n`)
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}
