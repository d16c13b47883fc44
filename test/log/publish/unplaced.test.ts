import { afterEach, describe, expect, test } from 'vitest'
import { type Command, JournalError, LocalJournal } from '../../../src/journal/index.ts'
import { FIRST_MEMBER, World } from '../../world.ts'

/** A journal that loses one command of a kind: before it has a place, or after that. */
class LosingJournal extends LocalJournal {
  loses: Command['kind'] | undefined
  when: 'before' | 'behind' = 'before'

  override append(command: Command): number | Promise<never> {
    if (command.kind !== this.loses) return super.append(command)
    this.loses = undefined
    if (this.when === 'behind') void super.append(command)
    return Promise.reject(new JournalError('journal-write', 'Nobody knows whether it has a place.'))
  }
}

describe('a command of which nobody knows whether it has a place', () => {
  let world: World
  let journal: LosingJournal
  afterEach(() => world.destroy())

  const begin = async () => {
    world = await World.create({
      periodMs: 5,
      journal: next => {
        journal = new LosingJournal(next)
        return journal
      },
    })
  }
  const issue = (amount: number) => world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount)))
  const published = async (size: number) => {
    const reached = await world.log.publisher.reached(size)
    if (reached === undefined) throw world.failure
    expect(reached.size).toBeGreaterThanOrEqual(size)
  }

  test.each(['before', 'behind'] as const)('a seal that was lost %s it had one is made again', async when => {
    await begin()
    await published((await issue(1)).size)
    Object.assign(journal, { loses: 'seal', when })
    await published((await issue(2)).size)
    expect(journal.loses).toBeUndefined()
    expect(world.failure).toBeUndefined()
  })

  test.each(['before', 'behind'] as const)('a batch that was lost %s it had one keeps no seal waiting', async when => {
    await begin()
    const { size } = await issue(1)
    Object.assign(journal, { loses: 'batch', when })
    const lost = world.bytes(world.issue(FIRST_MEMBER, 2))
    await expect(world.submit([world.issuer], lost)).rejects.toMatchObject({ code: 'journal-write' })
    await published(size)
    // What is sent again counts once.
    const { statuses } = await world.submit([world.issuer], lost)
    expect([...statuses]).toEqual([0])
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(3)
    await world.reopen()
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(3)
  })

  test('a batch that was lost does not keep the log from being closed', async () => {
    await begin()
    Object.assign(journal, { loses: 'batch' })
    await expect(issue(1)).rejects.toMatchObject({ code: 'journal-write' })
    await world.reopen()
    expect(world.failure).toBeUndefined()
  })
})
