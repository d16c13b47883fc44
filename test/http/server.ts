import type { AddressInfo } from 'node:net'
import { type SigningKey, TallyClient } from '../../src/client/index.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import { FIRST_MEMBER, ISSUER, keyNumber, REGISTRAR, World, type WorldOptions } from '../world.ts'

/** The record of the auditor's key in a `ServedWorld`, and of one that was revoked. */
export const AUDITOR = 5
export const REVOKED = 6
/** Another member than the first. */
export const OTHER_MEMBER = FIRST_MEMBER + 1

const auditor = keyNumber(50)
const revoked = keyNumber(51)
const other = keyNumber(52)

/** A world whose log is served on a port of this machine. */
export class ServedWorld {
  readonly world: World
  readonly server: Server
  readonly url: string
  readonly keys: Readonly<Record<'issuer' | 'registrar' | 'auditor' | 'revoked' | 'owner' | 'other', SigningKey>>

  private constructor(world: World, server: Server) {
    this.world = world
    this.server = server
    this.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    this.keys = {
      issuer: { holder: { record: ISSUER }, seed: world.keys.issuer.seed },
      registrar: { holder: { record: REGISTRAR }, seed: world.keys.registrar.seed },
      auditor: { holder: { record: AUDITOR }, seed: auditor.seed },
      revoked: { holder: { record: REVOKED }, seed: revoked.seed },
      owner: { holder: { account: FIRST_MEMBER }, seed: world.keys.member.seed },
      other: { holder: { account: OTHER_MEMBER }, seed: other.seed },
    }
  }

  static async create(options: WorldOptions = {}): Promise<ServedWorld> {
    const world = await World.create(options)
    const keys = [
      world.bytes(world.registerKey('auditor', auditor)),
      world.bytes(world.registerKey('auditor', revoked)),
    ]
    await world.submit([world.root], ...keys)
    await world.submit([world.root], world.bytes({ kind: 'revoke-key', record: REVOKED, reason: 2 }))
    await world.submit([world.registrar], world.bytes(world.openMember(other)))
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 100)))
    await world.log.publisher.publish()
    const server = await buildServer({ log: world.log, logger: undefined, version: 'test' })
    await server.listen({ host: '127.0.0.1', port: 0 })
    return new ServedWorld(world, server)
  }

  client(caller?: SigningKey): TallyClient {
    return new TallyClient({ url: this.url, pauseMs: 5, ...(caller === undefined ? {} : { caller }) })
  }

  async destroy(): Promise<void> {
    await this.server.close()
    await this.world.destroy()
  }
}
