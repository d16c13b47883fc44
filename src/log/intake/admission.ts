import { BUSY, BusyError } from '../failure.ts'
import { OWN } from './queued-batch.ts'
import { Window } from './window.ts'

/** Transactions that may be on their way to an answer: some seconds' work. Beyond it, `BusyError`. */
const WEIGHT_MAX = 262_144

/** A submission weighs as much as its transactions, and a transaction more for so many bytes: 64 MB may wait. */
const WEIGHT_BYTES = 256
/** Bytes of a transaction at least: its type, kind and id. */
const LEAST_BYTES = 20

/** The weight of a submission of so many bytes, which says that it has so many transactions. */
export function weightOf(transactions: number, bytes: number): number {
  // It has not been read: it may say more than it has.
  const possible = Math.min(transactions, Math.ceil(bytes / LEAST_BYTES))
  return Math.max(possible, Math.ceil(bytes / WEIGHT_BYTES))
}

/** A batch that comes, as far as its room is concerned. */
interface Coming {
  readonly caller: string
  readonly weight: number
  readonly isLight: boolean
  /** When it was let in, which is noted of a light one. */
  admittedMs?: number
}

/** What of one caller, or of all, is on its way to an answer. */
interface Room {
  weight: number
  light: number
}

/**
 * How much may be on its way to an answer, and how much is. A caller has room for as much as nobody has taken yet: so
 * one alone has half of all, two a third each, and there is always some for the next who comes. What is beyond is to be
 * sent again, and not kept: so nobody's answer waits for longer than that much takes. Of light ones it is a
 * window of time (see `Window`): a payment at a counter that would wait for much longer than in calm is better told so.
 */
export class Admission {
  readonly #all: Room = { weight: 0, light: 0 }
  readonly #of = new Map<string, Room>()
  readonly #window = new Window()

  /** Transactions that are on their way to an answer, or what weighs as much. */
  get admitted(): number {
    return this.#all.weight
  }

  /** Whether there is no room for a light batch of a caller, who is refused then. */
  isFull(caller: string): boolean {
    const light = this.#of.get(caller)?.light ?? 0
    if (this.#all.weight <= WEIGHT_MAX && light < this.#window.size - this.#all.light) return false
    this.#window.refused()
    return true
  }

  /** Lets a batch in. @throws BusyError when too much waits, of its caller or of all. */
  admit(batch: Coming): void {
    const { caller, weight, isLight } = batch
    const all = this.#all
    if (all.weight > WEIGHT_MAX) throw busy()
    // What this process does itself is told to no other, and does not crowd itself out.
    const of = caller === OWN ? undefined : (this.#of.get(caller) ?? { weight: 0, light: 0 })
    if (of !== undefined) {
      if ((isLight && this.isFull(caller)) || of.weight > WEIGHT_MAX - all.weight) throw busy()
      of.weight += weight
      if (isLight) of.light++
      this.#of.set(caller, of)
    }
    all.weight += weight
    if (!isLight) return
    all.light++
    batch.admittedMs = performance.now()
  }

  /** A batch that was let in is answered. */
  leave({ caller, weight, isLight, admittedMs }: Coming): void {
    if (admittedMs !== undefined) {
      const nowMs = performance.now()
      this.#window.answered(nowMs - admittedMs, nowMs)
    }
    for (const room of [this.#all, this.#of.get(caller)]) {
      if (room === undefined) continue
      room.weight -= weight
      if (isLight) room.light--
    }
    if (this.#of.get(caller)?.weight === 0) this.#of.delete(caller)
  }
}

function busy(): BusyError {
  return new BusyError('busy', BUSY)
}
