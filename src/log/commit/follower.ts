import type { UnitTotals } from '../../account/account.ts'
import type { Journal, PlacedCommand, SealCommand } from '../../journal/index.ts'
import type { Turns } from '../../node/turns.ts'
import type { FatalError } from '../failure.ts'
import { QueuedBatch } from '../intake/queued-batch.ts'
import { QueuedSeal } from '../intake/queued-seal.ts'
import type { Agreement } from './agreement.ts'
import { Applier, type ApplierParts } from './applier.ts'
import { type CommitGroup, openGroup } from './commit-group.ts'
import { GroupCommit, type GroupCommitParts } from './group-commit.ts'

/** A group is closed when its batches took this long: what waits behind it goes into the next. */
const GROUP_MS = 4

/** Longest time that this loop keeps the event loop busy, plus one batch. */
const TURN_MS = 1

/**
 * In a flood, which is where so many light ones are on their way here, a group stays open until it has as many: fewer
 * syncs.
 */
const FLOOD = 384
/** But no longer than this, twice what so many take: those that it waits for may be with a thread that is stuck. */
const FILL_MS = 20

/**
 * What the follower knows of the commands to come, for when to close a group: never of what is in it. And how it asks
 * for a seal in its turn, whose work is mostly done ahead.
 */
export interface UpcomingCommands {
  /** How many batches the journal is given as soon as it wants them. */
  readonly waiting: number
  /** Whether a light one is among them. */
  readonly isUrgent: boolean
  /** How many light ones are being prepared. */
  readonly lightUnderWay: number
  /** Whether a seal waits. */
  readonly isSealWanted: boolean
  /** Has the seal that waits ordered next. */
  sealNext(): void
  /** Is called when any of this changes. */
  onChange: () => void
  /** Is called when the journal does not know whether a command that it was given has a place. */
  onUnplaced: () => void
}

export interface FollowerParts extends ApplierParts, GroupCommitParts {
  readonly journal: Journal
  readonly feed: UpcomingCommands
  readonly agreement: Agreement
  /** Is told of a record that is no command. */
  readonly onNotice: (what: string) => void
  /** Of those who make rows beside the log, who have none while a seal is hashed. */
  readonly turns: Turns
}

/**
 * The one reader of the journal, and the one place where the log grows. What is ordered is taken as a group, applied
 * one after another, and written in one synced write; a seal is a group of its own. While a group is being written the
 * next is applied: the ledger does not wait for the disk. What it makes is a function of the commands: it has no clock.
 */
export class Follower {
  readonly #parts: FollowerParts
  readonly #applier: Applier
  readonly #commit: GroupCommit
  readonly #commands: AsyncIterator<PlacedCommand>
  readonly #reading = new AbortController()
  /** A command that was read and does not belong into the group that was open. */
  #left: PlacedCommand | undefined
  /** Position of the next command. */
  #next: number
  /** What the journal is asked for, where that has not come yet. */
  #asked: Promise<IteratorResult<PlacedCommand>> | undefined
  /** Is called when what is waited for may have no place. */
  #onUnplaced: () => void = () => {}
  /** Is called when a command can be had or a write is done. */
  #onChange: () => void = () => {}
  #running: Promise<void> | undefined
  #isEnding = false
  /** What had been ordered at the start. */
  #latest: number | undefined
  /** The seal that was made last. */
  #sealer: SealCommand | undefined
  #sealedAtMs = Number.NEGATIVE_INFINITY
  /** How long others have been waiting for their turn because of what is done here, about. */
  #sinceTurnMs = 0
  /** The group that is being written, and when that is done, well or not. */
  #writing: { readonly group: CommitGroup; readonly done: Promise<void> } | undefined

  /**
   * @param unsealed - how many entries stand behind the last seal.
   * @param next - the position to begin with: what is before it is in the log.
   */
  constructor(parts: FollowerParts, unsealed: number, next: number) {
    this.#parts = parts
    this.#applier = new Applier(parts, unsealed)
    this.#commit = new GroupCommit(parts)
    this.#next = next
    this.#commands = parts.journal.read(next, this.#reading.signal)
    parts.feed.onChange = () => this.#wake()
    parts.feed.onUnplaced = () => this.#onUnplaced()
    parts.journal.onGrowth = () => this.#wake()
    this.#wake()
  }

  /** How many commands that were ordered when this was asked first are not applied yet. @throws JournalError. */
  async missing(): Promise<number> {
    this.#latest ??= await this.#parts.journal.latest()
    return Math.max(0, this.#latest - this.#next)
  }

  /** How many entries stand behind the last seal. */
  get unsealed(): number {
    return this.#applier.unsealed
  }

  /**
   * How many entries the log had behind the last seal, which may not be durable yet: the state is sealed as of then.
   */
  get sealedSize(): number {
    return this.#applier.sealedSize
  }

  /** Whether the last seal was this process's: of several that apply the same commands, it does what is due. */
  get isSealer(): boolean {
    return !this.#parts.journal.isShared || this.#sealer instanceof QueuedSeal
  }

  /** How long ago the last seal was made here, by this process's clock. */
  get sinceSealMs(): number {
    return performance.now() - this.#sealedAtMs
  }

  /** The totals that the seal at the end of `size` entries commits to; undefined where it is not the last made here. */
  totalsAt(size: number): readonly UnitTotals[] | undefined {
    return this.#applier.totalsAt(size)
  }

  /** Why the log does not grow any more, if it does not. */
  get stopped(): FatalError | undefined {
    return this.#commit.stopped
  }

  /** Resolves when the state as it is now is durable: see `GroupCommit`. @throws FatalError. */
  durable(): Promise<void> {
    return this.#commit.durable()
  }

  /** Resolves when all that was to be had so far is applied, durable and answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#writing !== undefined) await (this.#running ?? this.#writing?.done)
  }

  /** Applies no more of what others have ordered; resolves when all that was applied is durable and answered. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#onUnplaced()
    this.#onChange()
    await this.idle()
  }

  /** Stops the log for good, with the reason that every later call is given. */
  stop(error: FatalError): void {
    this.#commit.stop(error)
    this.#reading.abort(error)
    this.#onChange()
  }

  get #hasWork(): boolean {
    return !this.#isEnding && (this.#hasCommands || this.#parts.feed.isSealWanted)
  }

  /** Whether a command is there, or comes as soon as it is asked for. */
  get #hasCommands(): boolean {
    const { journal, feed } = this.#parts
    if (this.#isEnding) return false
    // A shared journal is given what waits at once, and asks for nothing.
    return journal.end > this.#next || (feed.waiting > 0 && !journal.isShared)
  }

  #wake(): void {
    this.#onChange()
    if (!this.#hasWork || this.stopped !== undefined) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      this.#wake()
    })
  }

  async #run(): Promise<void> {
    const { feed, journal } = this.#parts
    // One turn of the event loop later, so that submissions that arrive together share a write.
    await this.#turn()
    while (this.#hasWork && this.stopped === undefined) {
      // Most of a seal's work is done ahead, so that nobody waits longer than for a slice of it, and batches are
      // applied between, so that a log that is never idle is sealed on time all the same.
      const isToSeal = feed.isSealWanted && (await this.#hashAhead())
      if (!isToSeal && !this.#hasCommands) continue
      const group = openGroup(this.#next)
      try {
        // What is ordered already comes before.
        if (isToSeal && journal.end === this.#next) await this.#orderSeal()
        const command = this.#left?.command
        if (command?.kind === 'seal') await this.#seal(command, group)
        else await this.#apply(group)
      } catch (error) {
        this.#commit.fail(error, group)
        break
      }
      await this.#writing?.done
      if (this.stopped !== undefined) {
        // It stands behind a group of which nobody knows whether it is durable.
        for (const member of group.members) member.fail(this.stopped)
        break
      }
      // Nobody waits for it here: what arrives meanwhile is the next group.
      const writing = { group, done: this.#commit.write(group) }
      this.#writing = writing
      void writing.done.then(() => {
        if (this.#writing === writing) this.#writing = undefined
        this.#onChange()
      })
    }
  }

  /**
   * Hashes for the next seal about as long as a group may take, a slice at a time, and to the end when little is left,
   * so that nothing changes any more; returns whether that is reached. Runs and snapshots can wait that long: one of
   * their pieces beside each slice would double the time to the seal.
   */
  async #hashAhead(): Promise<boolean> {
    const { ledger, turns } = this.#parts
    turns.hold()
    try {
      for (let spentMs = 0, left = 'behind'; left === 'last-round' || spentMs < GROUP_MS; ) {
        const begin = performance.now()
        left = ledger.hashAhead()
        if (left === 'done') return true
        spentMs += performance.now() - begin
        await this.#turn()
      }
      return false
    } finally {
      turns.release()
    }
  }

  /**
   * Has the seal that waits ordered. From there to its checkpoint there are no statements, so it is done when it can be
   * written at once.
   */
  async #orderSeal(): Promise<void> {
    const { feed } = this.#parts
    await this.#writing?.done
    if (!feed.isSealWanted) return
    feed.sealNext()
    this.#left = await this.#read()
  }

  /** The next command that the journal gives; undefined where what was ordered may have no place, and none comes. */
  async #read(): Promise<PlacedCommand | undefined> {
    const { journal } = this.#parts
    if (this.#isEnding) return undefined
    const asked = this.#asked ?? this.#commands.next()
    if (journal.end > this.#next && !journal.isShared) {
      this.#asked = undefined
      return (await asked).value
    }
    this.#asked = asked
    // It may end while nobody waits for it.
    asked.catch(() => {})
    const unplaced = new Promise<undefined>(resolve => {
      this.#onUnplaced = () => resolve(undefined)
    })
    const read = await Promise.race([asked, unplaced])
    if (read !== undefined) this.#asked = undefined
    return read?.value
  }

  /** Closes a group that is a seal and nothing else. */
  async #seal(command: SealCommand, group: CommitGroup): Promise<void> {
    await this.#writing?.done
    this.#took(group)
    if (command instanceof QueuedSeal) {
      group.members.push(command)
      group.seals.push(command)
    }
    const isMade = this.#applier.seal(command)
    this.#applier.close(group)
    group.sealedSize = this.#applier.sealedSize
    if (!isMade) return
    this.#sealer = command
    this.#sealedAtMs = performance.now()
    const { size, root } = group.head!
    const isOurs = command instanceof QueuedSeal
    group.isSealOfOthers = !isOurs
    this.#parts.agreement.sealed({ epoch: command.epoch, size, root, position: group.next - 1, isOurs })
  }

  /**
   * Applies what is to be had, for as long as a group may take, and closes the group. Nothing of it is on disk and
   * nobody is told anything, not even anyone who is refused: a crash loses the group whole.
   */
  async #apply(group: CommitGroup): Promise<void> {
    const { feed, agreement, onNotice } = this.#parts
    let spentMs = 0
    // Anyone who pays at a counter waits for nothing that can be written just as well in the next group.
    let hasLight = false
    const fillUntil = performance.now() + FILL_MS
    const isFilling = () => feed.lightUnderWay >= FLOOD && group.members.length < FLOOD && performance.now() < fillUntil
    const isToGo = () => hasLight && !feed.isUrgent && this.#writing === undefined && !isFilling()
    for (;;) {
      let begin = performance.now()
      while (this.#hasCommands && spentMs < GROUP_MS && !isToGo()) {
        if (this.#sinceTurnMs >= TURN_MS) {
          await this.#turn()
          begin = performance.now()
        }
        this.#left ??= await this.#read()
        if (this.#left === undefined) return this.#close(group)
        const { command } = this.#left
        // A seal is a group of its own.
        if (command.kind === 'seal') return this.#close(group)
        if (command.kind === 'word') await agreement.heard(command)
        if (command.kind === 'void')
          onNotice(`Command ${this.#left.position} is none, and does nothing: ${command.why}.`)
        this.#took(group)
        if (command.kind !== 'batch') continue
        if (command instanceof QueuedBatch) {
          group.members.push(command)
          hasLight ||= command.isLight
        }
        const looking = this.#applier.apply(command, group, this.#writing?.group.pieces)
        if (looking !== undefined) await looking
        const now = performance.now()
        spentMs += now - begin
        this.#sinceTurnMs += now - begin
        begin = now
      }
      // While the group before is being written this one stays open: it could not be written yet.
      const canGo = this.#writing === undefined && !(hasLight && isFilling())
      if (canGo || spentMs >= GROUP_MS || this.stopped !== undefined) break
      await this.#changed()
    }
    return this.#close(group)
  }

  async #close(group: CommitGroup): Promise<void> {
    // What is hashed here takes half as long as applying did.
    if (this.#sinceTurnMs >= TURN_MS) await this.#turn()
    const begin = performance.now()
    this.#applier.close(group)
    this.#sinceTurnMs += performance.now() - begin
  }

  /** The command that was read belongs to the group. */
  #took(group: CommitGroup): void {
    this.#next = group.next = this.#left!.position + 1
    this.#left = undefined
  }

  /** Resolves when a command can be had, the group before is written, or as much time has passed as one fills up in. */
  async #changed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#onChange = resolve
      if (this.#writing === undefined) timer = setTimeout(resolve, FILL_MS)
    })
    clearTimeout(timer)
  }

  /** Lets everything else in this thread have its turn, and begins to count again. */
  async #turn(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    this.#sinceTurnMs = 0
  }
}
