import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Parts of an IPv6 address that name a network: one caller may have all of its addresses. */
const NETWORK_PARTS = 4

/**
 * The address that a caller is counted by: of IPv4 the address, of IPv6 the network of 64 bits that it is in. Behind a
 * proxy it is the caller's only where the server was told to believe that proxy.
 */
export function addressOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const bare = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::')
  const parts = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length
    parts.push(...Array.from({ length: Math.max(0, 8 - parts.length - behind) }, () => '0'))
    if (tail !== '') parts.push(...tail.split(':'))
  }
  return `${parts
    .slice(0, NETWORK_PARTS)
    .map(part => part.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
