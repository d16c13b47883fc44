import { createHmac } from 'node:crypto'

/** How a secret is shown, as Standard Webhooks has it. */
const PREFIX = 'whsec_'

/** A secret as it is shown, and as libraries of Standard Webhooks take it: `whsec_` and base64. */
export function secretText(secret: Uint8Array): string {
  return PREFIX + Buffer.from(secret).toString('base64')
}

/**
 * The headers that sign a body: `webhook-id`, `webhook-timestamp` in seconds, and `webhook-signature`, which has
 * `v1,` and the base64 of `HMAC-SHA-256(secret, id ‖ "." ‖ timestamp ‖ "." ‖ body)` for each secret, with spaces
 * between. Standard Webhooks 1.0.0, "Signature scheme".
 *
 * @param secrets - the newest first; each signs.
 */
export function signatureHeaders(
  id: string,
  timeMs: number,
  body: string,
  secrets: readonly Uint8Array[],
): Record<string, string> {
  const timestamp = String(Math.floor(timeMs / 1000))
  const signatures = secrets.map(
    secret => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  )
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
