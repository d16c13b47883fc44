import fastify, { type FastifyInstance } from 'fastify'
// Of an installed package: 'tallystick/client'.
import { type ShopClient, ShopError } from '../src/client/index.ts'

interface Cart {
  readonly customer: string
  readonly cents: number
  readonly points: number
}

/**
 * A checkout that takes points: they are held when the order is placed, captured when it is paid, and released when it
 * is not. A customer who presses twice pays once, as the order is the key.
 *
 * @param charge - takes the rest of the money; false where that fails.
 */
export function checkout(
  shop: ShopClient,
  charge: (order: string, cents: number) => Promise<boolean>,
): FastifyInstance {
  const server = fastify()

  server.post<{ Params: { order: string }; Body: Cart }>('/checkout/:order', async (request, reply) => {
    const { order } = request.params
    const { customer, cents, points } = request.body
    try {
      await shop.orders.hold(order, { member: customer, points, total: cents, for: '15m' })
    } catch (error) {
      // Such as too few points: what the customer is told, and the proof for one who doubts it.
      if (error instanceof ShopError && error.status < 500)
        return reply.status(409).send({ why: error.code, tell: error.message, retry: error.retryable })
      throw error
    }
    if (!(await charge(order, cents - points))) {
      await shop.orders.release(order)
      return reply.status(402).send({ why: 'payment' })
    }
    const { entry } = await shop.orders.capture(order)
    await shop.members.earn(customer, { points: Math.floor((cents - points) / 100), order, once: `bought ${order}` })
    return { order, paid: { points, cents: cents - points }, entry }
  })

  server.post<{ Params: { order: string }; Body: { return: string; points: number } }>(
    '/checkout/:order/return',
    async request => {
      const { order } = request.params
      const { return: once, points } = request.body
      const refunded = await shop.orders.refund(order, { points, once })
      return { order, refunded: refunded.points }
    },
  )
  return server
}
