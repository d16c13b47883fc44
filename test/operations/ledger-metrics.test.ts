import { expect, test } from 'vitest'
import { buildServer } from '../../src/http/index.ts'
import { LedgerMetrics, serveMetrics } from '../../src/operations/index.ts'
import { World } from '../world.ts'

test('a ledger and its server, as Prometheus reads them', async () => {
  const world = await World.create()
  const metrics = new LedgerMetrics(world.log, async () => 12_345)
  const server = await buildServer({ log: world.log, logger: undefined, version: 'test', observer: metrics })
  const [scraped, url] = await serveMetrics(0, () => metrics.text())
  try {
    await world.log.publisher.publish()
    await server.inject('/v1/ledger')
    await server.inject('/v1/accounts/0')
    await server.inject('/nothing')
    metrics.judged([0, 0, 1])
    const text = await (await fetch(url)).text()
    const value = (line: string) => Number(new RegExp(`^${line} (\\S+)$`, 'm').exec(text)?.[1])
    expect(value('tally_log_entries')).toBe(world.log.size)
    expect(value('tally_published_entries')).toBe(world.log.publisher.published!.size)
    expect(value('tally_takes_batches')).toBe(1)
    expect(value('tally_disk_free_bytes')).toBe(12_345)
    expect(value('tally_transactions_total{outcome="accepted"}')).toBe(2)
    expect(value('tally_transactions_total{outcome="exists"}')).toBe(1)
    expect(value('tally_http_request_seconds_count{method="GET",route="/v1/ledger",status="200"}')).toBe(1)
    expect(value('tally_http_request_seconds_count{method="GET",route="none",status="404"}')).toBe(1)
    // No number of an account, and no other word of a caller, is a label.
    expect(text).toContain('route="/v1/accounts/:number"')
    expect(text).not.toContain('/v1/accounts/0')
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
  } finally {
    scraped.close()
    await server.close()
    await world.destroy()
  }
})
