/**
 * SHOP. A shop’s own server: it takes plain JSON and sends signed batches to the ledger. It knows the shop’s keys, has
 * a memory of its own, and is a client of the ledger like any other.
 *
 * @example
 * const gateway = await Gateway.open({ shop, folder: 'gateway' })
 * const server = await buildGateway({ gateway, logger: undefined, version: '1' })
 * await server.listen({ port: 8081 })
 */
export { API_SCOPES, type ApiKey, ApiKeys, type ApiScope } from './api-keys.ts'
export { GatewayError } from './failure.ts'
export { Gateway, type GatewayOptions } from './gateway.ts'
export { buildGateway } from './server.ts'
export { type ShopSetupOptions, setupShop, type UnitPlan } from './setup-shop.ts'
