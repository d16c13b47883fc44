import { beginningOf } from '../../src/client/index.ts'
import { openCheckpoint } from '../../src/core/note/policy.ts'
import type { TileAddress } from '../../src/core/tree/tile.ts'
import { FollowingLog, type Leader, type TallyLog } from '../../src/log/index.ts'
import { entriesOf, SimDisk, watched } from './disk.ts'
import { SimProcess } from './time.ts'
import type { World } from './world.ts'

/** How long the ledger may take to answer, as with a client of the wire. */
const PATIENCE_MS = 4000

/** The machine of a follower: its disk, and the process that runs on it, if one does. */
export class FollowerNode {
  readonly disk: SimDisk
  process: SimProcess | undefined
  log: FollowingLog | undefined
  failure: unknown
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.disk = new SimDisk(world, write => world.trace.note(`follower writes ${write}`))
  }

  start(): void {
    const process = new SimProcess('follower')
    this.process = process
    this.log = undefined
    this.failure = undefined
    this.#world.trace.note('follower starts')
    process.run(() => this.#open(process)).catch(error => this.#failed(process, error))
  }

  kill(how: 'kill' | 'power'): void {
    if (this.process === undefined) return
    this.#world.trace.note(`follower ends: ${how}`)
    this.process.isDead = true
    this.process = undefined
    this.log = undefined
    this.disk.crash(how)
  }

  async stop(): Promise<void> {
    const { log, process } = this
    if (log === undefined || process === undefined) return
    this.#world.trace.note('follower is stopped')
    await process.run(() => log.close()).catch(error => this.#world.unexpected('follower closes', error, this))
    if (this.process === process) this.kill('kill')
  }

  async #open(process: SimProcess): Promise<void> {
    const { oracle, trace, setting, random, logKey, trueMs } = this.#world
    const store = watched(await this.disk.open(process), (pieces, size) => {
      if (process.isDead) return
      oracle.copied('the follower', pieces[0]!.firstIndex, entriesOf(pieces))
      trace.note(`follower has ${size} entries`)
    })
    const log = await FollowingLog.open({
      store,
      leader: this.#leader(process),
      logKey,
      periodMs: setting.periodMs,
      nowMs: trueMs,
      snapshotEntries: setting.snapshotEntries,
      runBits: setting.runBits,
      random: count => random.bytes(count),
      onNotice: what => this.#world.noticed('follower', what, this),
      onTrouble: why => trace.note(`follower has trouble: ${why?.message ?? 'no more'}`),
      onFailure: error => this.#failed(process, error),
    })
    if (!process.isDead) this.log = log
  }

  /** The ledger, as it is reached from here. */
  #leader(process: SimProcess): Leader {
    const { network, ledger, policy, random, time } = this.#world
    const ask = async (what: (log: TallyLog) => Promise<Uint8Array | undefined> | Uint8Array | undefined) => {
      const asked = network.ask(
        process,
        () => ledger.process,
        () => (ledger.log === undefined ? undefined : what(ledger.log)),
      )
      const late = time.after(PATIENCE_MS, process).then(() => Promise.reject(new Error('no answer')))
      const answer = await Promise.race([asked, late])
      if (answer === undefined) throw new Error('404')
      if (!random.chance(network.weather.garbled)) return answer
      const garbled = answer.slice()
      garbled[random.below(garbled.length)]! ^= 1 << random.below(8)
      return garbled
    }
    const tile = ({ level, index, width }: TileAddress) => ask(log => log.tile(Number(level), index, width))
    return {
      name: 'the ledger',
      async checkpoint() {
        const note = await ask(log => log.publisher.published?.checkpoint)
        const { size, root } = openCheckpoint(note, policy)
        return { note, size, root }
      },
      bundle: (index, width) => ask(log => log.entryBundle(index, width)),
      rootAt: async (size, of) => (await beginningOf(size, of, tile)).root,
    }
  }

  #failed(process: SimProcess, error: unknown): void {
    if (process.isDead || this.failure !== undefined) return
    this.failure = error
    this.#world.unexpected('follower', error, this)
  }
}
