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

/** A group is closed when its batches took this long; later batches go into the next group. */
const GROUP_MS = 4

/** Longest time that this loop keeps the event loop busy, plus one batch. */
const TURN_MS = 1

/**
 * In a flood, with this many light batches being prepared, a group stays open until it has as many: that saves syncs.
 */
const FLOOD = 384
/** But no longer than this, twice the time that so many take: a thread that prepares some of them may be stuck. */
const FILL_MS = 20

/**
 * The counts of the commands to come, by which the follower decides when to close a group; it sees nothing of their
 * contents. And how the follower asks for a seal, when most of the seal's work is done.
 */
export interface UpcomingCommands {
  /** Number of batches that are ready for the journal. */
  readonly waiting: number
  /** Whether one of them is light. */
  readonly isUrgent: boolean
  /** Number of light batches that are being prepared. */
  readonly lightUnderWay: number
  /** Whether a seal waits. */
  readonly isSealWanted: boolean
  /** Orders the waiting seal next. */
  sealNext(): void
  /** Is called when any of this changes. */
  onChange: () => void
  /** Is called when the journal does not know whether an appended command has a place. */
  onUnplaced: () => void
}

export interface FollowerParts extends ApplierParts, GroupCommitParts {
  readonly journal: Journal
  readonly feed: UpcomingCommands
  readonly agreement: Agreement
  /** Is told of each record that is no command. */
  readonly onNotice: (what: string) => void
  /** Turns of the jobs that write rows beside the log; they get no turn while a seal is hashed. */
  readonly turns: Turns
}

/**
 * The one reader of the journal, and the one place where the log grows. It collects ordered batches in a group, applies
 * them one after another, and writes the group in one synced write. A seal is a group of its own. While one group is
 * written, the next is applied: the ledger does not wait for the disk. The result is a function of the commands alone:
 * no clock decides what is in it.
 */
export class Follower {
  readonly #parts: FollowerParts
  readonly #applier: Applier
  readonly #commit: GroupCommit
  readonly #commands: AsyncIterator<PlacedCommand>
  readonly #reading = new AbortController()
  /** A command that was read, and does not belong to the open group. */
  #left: PlacedCommand | undefined
  /** Position of the next command. */
  #next: number
  /** The next command of the journal, asked for and not here yet. */
  #asked: Promise<IteratorResult<PlacedCommand>> | undefined
  /** Is called when the awaited command may have no place. */
  #onUnplaced: () => void = () => {}
  /** Is called when a command is there or a write is done. */
  #onChange: () => void = () => {}
  #running: Promise<void> | undefined
  #isEnding = false
  /** Number of commands that were ordered at the start. */
  #latest: number | undefined
  /** The seal that was made last. */
  #sealer: SealCommand | undefined
  #sealedAtMs = Number.NEGATIVE_INFINITY
  /** For about how long this loop has kept the event loop busy. */
  #sinceTurnMs = 0
  /** The group that is being written; `done` resolves when the write has succeeded or failed. */
  #writing: { readonly group: CommitGroup; readonly done: Promise<void> } | undefined

  /**
   * @param unsealed - number of entries after the last seal.
   * @param next - the position to begin with: all commands before it are in the log.
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

  /**
   * Number of commands that were ordered before the first call of this and are not applied yet. @throws JournalError.
   */
  async missing(): Promise<number> {
    this.#latest ??= await this.#parts.journal.latest()
    return Math.max(0, this.#latest - this.#next)
  }

  /** Number of entries after the last seal. */
  get unsealed(): number {
    return this.#applier.unsealed
  }

  /** Log size after the last seal, which may not be durable yet: the sealed state is of that size. */
  get sealedSize(): number {
    return this.#applier.sealedSize
  }

  /** Whether the last seal is of this process: of several processes, only that one writes what is due. */
  get isSealer(): boolean {
    return !this.#parts.journal.isShared || this.#sealer instanceof QueuedSeal
  }

  /** How long ago the last seal was made here, by this process's clock. */
  get sinceSealMs(): number {
    return performance.now() - this.#sealedAtMs
  }

  /** The totals of the seal that ends the first `size` entries; undefined if that is not the last seal made here. */
  totalsAt(size: number): readonly UnitTotals[] | undefined {
    return this.#applier.totalsAt(size)
  }

  /** Why the log has stopped; undefined while it grows. */
  get stopped(): FatalError | undefined {
    return this.#commit.stopped
  }

  /** Resolves when the state as it is now is durable: see `GroupCommit`. @throws FatalError. */
  durable(): Promise<void> {
    return this.#commit.durable()
  }

  /** Resolves when all commands so far are applied, durable and answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#writing !== undefined) await (this.#running ?? this.#writing?.done)
  }

  /** Applies no more commands; resolves when all applied ones are durable and answered. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#onUnplaced()
    this.#onChange()
    await this.idle()
  }

  /** Stops the log for ever; every later call fails with this error. */
  stop(error: FatalError): void {
    this.#commit.stop(error)
    this.#reading.abort(error)
    this.#onChange()
  }

  get #hasWork(): boolean {
    return !this.#isEnding && (this.#hasCommands || this.#parts.feed.isSealWanted)
  }

  /** Whether the journal has a command, or gives one as soon as it is asked. */
  get #hasCommands(): boolean {
    const { journal, feed } = this.#parts
    if (this.#isEnding) return false
    // A shared journal gets waiting batches at once, and does not ask for them.
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
      // Most of a seal's work is done ahead, in slices, so that nobody waits longer than a slice. Batches are applied
      // between the slices, so that a log that is never idle is sealed on time too.
      const isToSeal = feed.isSealWanted && (await this.#hashAhead())
      if (!isToSeal && !this.#hasCommands) continue
      const group = openGroup(this.#next)
      try {
        // Commands that are ordered already come before the seal.
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
        // The group before it failed, and nobody knows whether that is durable.
        for (const member of group.members) member.fail(this.stopped)
        break
      }
      // Nobody waits for the write here: batches that arrive meanwhile are the next group.
      const writing = { group, done: this.#commit.write(group) }
      this.#writing = writing
      void writing.done.then(() => {
        if (this.#writing === writing) this.#writing = undefined
        this.#onChange()
      })
    }
  }

  /**
   * Hashes for the next seal, a slice at a time, for about as long as a group may take. When little is left it goes on
   * to the end, so that no batch changes the state before the seal. Returns whether all is hashed. Runs and snapshots
   * wait meanwhile: one of their pieces beside each slice would double the time to the seal.
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

  /** Orders the waiting seal, when it can be written at once: from here to the checkpoint there are no statements. */
  async #orderSeal(): Promise<void> {
    const { feed } = this.#parts
    await this.#writing?.done
    if (!feed.isSealWanted) return
    feed.sealNext()
    this.#left = await this.#read()
  }

  /** The next command of the journal; undefined if the awaited command may have no place, and none comes. */
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
   * Applies batches for as long as a group may take, and closes the group. Nothing of the group is on disk, and nobody
   * is answered yet, not even with a refusal: a crash loses the whole group.
   */
  async #apply(group: CommitGroup): Promise<void> {
    const { feed, agreement, onNotice } = this.#parts
    let spentMs = 0
    // A single payment does not wait for batches that can go into the next group.
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
      // While the group before is being written, this one stays open: it could not be written yet.
      const canGo = this.#writing === undefined && !(hasLight && isFilling())
      if (canGo || spentMs >= GROUP_MS || this.stopped !== undefined) break
      await this.#changed()
    }
    return this.#close(group)
  }

  async #close(group: CommitGroup): Promise<void> {
    // The hashing here takes half as long as applying did.
    if (this.#sinceTurnMs >= TURN_MS) await this.#turn()
    const begin = performance.now()
    this.#applier.close(group)
    this.#sinceTurnMs += performance.now() - begin
  }

  /** Notes that the command that was read belongs to the group. */
  #took(group: CommitGroup): void {
    this.#next = group.next = this.#left!.position + 1
    this.#left = undefined
  }

  /** Resolves when a command is there, the group before is written, or `FILL_MS` have passed. */
  async #changed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#onChange = resolve
      if (this.#writing === undefined) timer = setTimeout(resolve, FILL_MS)
    })
    clearTimeout(timer)
  }

  /** Gives the event loop to everybody else, and counts from 0 again. */
  async #turn(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    this.#sinceTurnMs = 0
  }
}
