import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Gauge, Registry } from 'prom-client'
import { UsageError } from '../node/failure.ts'

/** One figure that is measured, in the terms of Prometheus. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/**
 * Metrics as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/, text, version 0.0.4.
 */
export function formatMetrics(metrics: readonly Metric[]): Promise<string> {
  const registry = new Registry()
  for (const { name, type, help, samples } of metrics) {
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))]
    const options = { name, help, labelNames, registers: [registry] }
    if (type === 'gauge') {
      const gauge = new Gauge(options)
      for (const { labels, value } of samples) gauge.set(labels, value)
    } else {
      const counter = new Counter(options)
      for (const { labels, value } of samples) counter.inc(labels, value)
    }
  }
  return registry.metrics()
}

/**
 * Serves metrics at `GET /metrics` on a port of this machine, and of no other address.
 *
 * @param current - asked at each request.
 * @returns the server and the URL. @throws UsageError `listen`.
 */
export async function serveMetrics(
  port: number,
  current: () => readonly Metric[] | Promise<string>,
): Promise<[Server, string]> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE, 'cache-control': 'no-store' })
      response.end(text)
    }
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics')
      return answer(404, 'The metrics are at /metrics.\n')
    const found = current()
    const text = found instanceof Promise ? found : formatMetrics(found)
    text.then(
      ready => answer(200, ready),
      error => answer(500, `${(error as Error).message}\n`),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(new UsageError('listen', `Cannot listen on 127.0.0.1:${port}: ${error.message}. Try another --metrics.`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`]
}
