import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UsageError } from '../node/failure.ts'

/** One figure that is measured, in the terms of Prometheus. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Metrics as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/, text, version 0.0.4.
 */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(({ labels, value }) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
        return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
      })
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/**
 * Serves metrics at `GET /metrics` on a port of this machine, and of no other address.
 *
 * @returns the server and the URL. @throws UsageError `listen`.
 */
export async function serveMetrics(port: number, current: () => readonly Metric[]): Promise<[Server, string]> {
  const server = createServer((request, response) => {
    const isThere = request.method === 'GET' && request.url?.split('?')[0] === '/metrics'
    response.writeHead(isThere ? 200 : 404, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' })
    response.end(isThere ? formatMetrics(current()) : 'The metrics are at /metrics.\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(new UsageError('listen', `Cannot listen on 127.0.0.1:${port}: ${error.message}. Try another --metrics.`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`]
}
