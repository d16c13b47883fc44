export type { Observer } from './observer.ts'
export { buildServer, type ServerOptions } from './server.ts'
export type { Server } from './typed-server.ts'
