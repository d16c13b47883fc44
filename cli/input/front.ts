import { BlockList, isIP, isIPv6 } from 'node:net'
import { InvalidArgumentError, Option } from 'commander'
import type { Front } from '../../src/serving/index.ts'

/** What a server is told of what stands in front of it. */
export interface FrontOptions {
  readonly trustProxy?: readonly string[]
  readonly basePath?: string
}

/** `--trust-proxy` and `--base-path`, of every server that may be behind a proxy. */
export function frontOptions(): Option[] {
  return [
    new Option(
      '--trust-proxy <addresses>',
      'addresses or networks of the proxies in front, with commas between: their X-Forwarded-For says who calls',
    ).argParser(proxies),
    new Option(
      '--base-path <path>',
      'path below which the proxy in front has it, such as /points; no pages are served there',
    ).argParser(basePath),
  ]
}

/** Where a server stands, by its options. */
export function frontOf({ trustProxy, basePath }: FrontOptions): Front {
  return { proxies: trustProxy, basePath }
}

function proxies(text: string): string[] {
  const addresses = text.split(',').map(one => one.trim())
  for (const one of addresses)
    if (!isAddress(one))
      throw new InvalidArgumentError('Expected addresses or networks, such as 127.0.0.1 or 10.0.0.0/8,fd00::/8.')
  return addresses
}

function isAddress(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  if (isIP(address) === 0 || more !== undefined) return false
  try {
    if (bits !== undefined)
      new BlockList().addSubnet(address, /^\d{1,3}$/.test(bits) ? Number(bits) : -1, isIPv6(address) ? 'ipv6' : 'ipv4')
    return true
  } catch {
    return false
  }
}

function basePath(text: string): string {
  if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(text))
    throw new InvalidArgumentError('Expected a path such as /points, without / at its end.')
  return text
}
