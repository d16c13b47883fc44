import { utf8Encode } from '../../src/core/bytes.ts'
import { CodedError, VerifyError } from '../../src/core/failure.ts'
import { ED25519_KEY, formatVerifierKey, type VerifierKey, verifierKey } from '../../src/core/note/note.ts'
import { openCheckpoint, type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import { witnessKey } from '../witness/local-witness.ts'
import { Callers } from './callers.ts'
import type { SimDisk } from './disk.ts'
import { FollowerNode } from './follower-node.ts'
import { LedgerNode, LOG_KEY, ORIGIN } from './ledger-node.ts'
import { SimNetwork } from './network.ts'
import { Oracle } from './oracle.ts'
import { Person } from './person.ts'
import type { Plan, Setting } from './plan.ts'
import { Random } from './random.ts'
import { EPOCH_MS, VirtualTime } from './time.ts'
import { Trace } from './trace.ts'
import { SimWitness } from './witness.ts'

/** What has to be done takes no longer. */
const DONE_MS = 60_000

/** Everything that one seed has: machines, network, people, and who watches them. */
export class World {
  readonly setting: Setting
  readonly time = new VirtualTime()
  readonly random: Random
  readonly trace: Trace
  readonly network: SimNetwork
  readonly oracle: Oracle
  readonly logKey: VerifierKey
  readonly witnesses: readonly SimWitness[]
  readonly policy: Policy
  readonly ledger: LedgerNode
  readonly follower: FollowerNode | undefined
  readonly callers: Callers
  readonly person: Person
  /** For how long everybody has slept: the time of the steady clocks does not count it. */
  sleptMs = 0
  /** Whether answers to a follower were ever changed on their way. */
  wasGarbled = false
  /** The checkpoint that was looked at last. */
  #judged: { readonly note: Uint8Array; readonly isAccepted: boolean } | undefined

  constructor({ seed, setting }: Plan, print?: (line: string) => void) {
    this.setting = setting
    // Not the stream that the plan was drawn from.
    this.random = new Random(seed ^ 0x5eed)
    this.trace = new Trace(this.time, print)
    this.time.lookMs = setting.lookMs
    this.network = new SimNetwork(this.time, this.random)
    this.logKey = verifierKey(ORIGIN, ED25519_KEY, LOG_KEY.publicKey)
    const witnessKeys = Array.from({ length: setting.witnesses }, (_, n) => witnessKey(n))
    this.oracle = new Oracle(this.trace, this.logKey, witnessKeys)
    this.witnesses = Array.from(
      { length: setting.witnesses },
      (_, n) => new SimWitness(n, this.logKey, this.time, this.random, this.trueMs),
    )
    this.policy = parsePolicy(utf8Encode(this.#policyText()))
    this.follower = setting.hasFollower ? new FollowerNode(this) : undefined
    this.ledger = new LedgerNode(this)
    this.callers = new Callers(this)
    this.person = new Person(this)
  }

  /** What time it is, whatever clocks say. */
  readonly trueMs = (): number => EPOCH_MS + Math.floor(this.time.nowMs) + this.sleptMs

  /** The machines that run the ledger's code. */
  get nodes(): readonly (LedgerNode | FollowerNode)[] {
    return this.follower === undefined ? [this.ledger] : [this.ledger, this.follower]
  }

  /** Whether a node shows the whole log under a checkpoint that the policy accepts. */
  isPublished({ log }: LedgerNode | FollowerNode): boolean {
    const shown = log?.publisher.published
    if (shown?.size !== this.oracle.size) return false
    if (shown.checkpoint === this.#judged?.note) return this.#judged.isAccepted
    this.#judged = { note: shown.checkpoint, isAccepted: isAcceptedBy(shown.checkpoint, this.policy) }
    return this.#judged.isAccepted
  }

  /** Looks at all that anybody can see now. */
  look(): void {
    const { ledger, follower, oracle, witnesses } = this
    for (const { log } of this.nodes) {
      const shown = log?.publisher.published
      if (shown !== undefined) oracle.checkpoint('a node', shown.checkpoint)
    }
    for (const { name, memory } of witnesses) for (const note of memory.values()) oracle.checkpoint(name, note)
    if (ledger.log !== undefined && !ledger.isOldCopy) oracle.compare('the ledger', ledger.log.ledger)
    if (follower?.log !== undefined) oracle.compare('the follower', follower.log.ledger)
  }

  /** A node has stopped, or does not start. That is right where its disk or its network was made to fail. */
  unexpected(where: string, error: unknown, node: { readonly disk: SimDisk }): void {
    const chain = causesOf(error)
    this.trace.note(`${where} fails: ${chain.map(one => `${one.name} ${one.message}`).join('; ')}`)
    const { damaged, failing, hasFailed } = node.disk
    const isForced = damaged.length > 0 || failing > 0 || hasFailed
    const isElse = node === this.ledger ? this.ledger.isOldCopy : this.wasGarbled
    const bug = chain.find(one => !(one instanceof CodedError) && !/^(EIO|forced)/.test(one.message))
    if (bug !== undefined) this.trace.broken('no assertion', `${where}: ${bug.stack}`, error)
    else if (!isForced && !isElse) this.trace.broken('no stop', `${where}: ${(error as Error).message}`, error)
  }

  /** A node makes something again that it had kept. That is right where its disk was damaged, and nowhere else. */
  noticed(where: string, what: string, { disk }: { readonly disk: SimDisk }): void {
    this.trace.note(`${where} notices: ${what}`)
    if (!disk.wasHarmed) this.trace.broken('kept', `${where} had kept what does not hold: ${what}`)
  }

  /** Has something done that has to succeed, as time goes on. @param promise - what is broken where it does not. */
  async done(promise: string, what: () => Promise<void>): Promise<void> {
    const { time, trace } = this
    if (trace.violation !== undefined) return
    let isDone = false
    void what()
      .catch((error: Error) => trace.broken(promise, error.stack ?? error.message, error))
      .finally(() => {
        isDone = true
      })
    await time.runUntil(time.nowMs + DONE_MS, () => isDone)
    if (!isDone) trace.broken('live', `it does not end: ${promise}`)
  }

  #policyText(): string {
    const { witnesses, logKey, setting } = this
    const names = witnesses.map(({ name }) => name)
    const lines = witnesses.map(({ name, key }) => `witness ${name} ${formatVerifierKey(key)}`)
    const group = names.length === 0 ? [] : [`group all ${setting.quorum} ${names.join(' ')}`]
    const quorum = `quorum ${names.length === 0 ? 'none' : 'all'}`
    return `${[`log ${formatVerifierKey(logKey)}`, ...lines, ...group, quorum].join('\n')}\n`
  }
}

function isAcceptedBy(note: Uint8Array, policy: Policy): boolean {
  try {
    openCheckpoint(note, policy)
    return true
  } catch (error) {
    if (error instanceof VerifyError) return false
    throw error
  }
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let at = error; at instanceof Error; at = at.cause) chain.push(at)
  return chain.length === 0 ? [new Error(String(error))] : chain
}
