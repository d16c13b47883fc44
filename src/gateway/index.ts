/**
 * GATEWAY. A shop's own server: plain JSON in, signed batches out. It has the shop's keys and a memory of its own, and
 * is a client of the ledger like any other: whatever it does, a shop could do with signed batches.
 */
export { API_SCOPES, type ApiKey, ApiKeys, type ApiScope } from './api-keys.ts'
export { GatewayError } from './failure.ts'
export { Gateway, type GatewayOptions } from './gateway.ts'
export { buildGateway } from './server.ts'
export { type ShopSetupOptions, setupShop, type UnitPlan } from './setup-shop.ts'
