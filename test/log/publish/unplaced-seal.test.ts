import { afterEach, describe, expect, test } from 'vitest'
import { type Command, JournalError, LocalJournal } from '../../../src/journal/index.ts'
import { FIRST_MEMBER, World } from '../../world.ts'

/** A journal that loses seals: before they have a place, or behind that. */
class LosingJournal extends LocalJournal {
  loses: 'nothing' | 'before' | 'behind' = 'nothing'

  override append(command: Command): number | Promise<never> {
    const how = command.kind === 'seal' ? this.loses : 'nothing'
    this.loses = how === 'nothing' ? this.loses : 'nothing'
    if (how !== 'before') {
      const placed = super.append(command)
      if (how === 'nothing') return placed
    }
    return Promise.reject(new JournalError('journal-write', 'Nobody knows whether it has a place.'))
  }
}

describe('a seal of which nobody knows whether it has a place', () => {
  let world: World
  afterEach(() => world.destroy())

  test.each(['before', 'behind'] as const)(
    'a seal that was lost %s it had one does not stop the ledger',
    async loses => {
      let journal: LosingJournal | undefined
      world = await World.create({
        periodMs: 5,
        journal: next => {
          journal = new LosingJournal(next)
          return journal
        },
      })
      const { size } = await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
      expect((await world.log.publisher.reached(size))!.size).toBeGreaterThanOrEqual(size)
      journal!.loses = loses
      const second = await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 2)))
      const published = await world.log.publisher.reached(second.size)
      expect(journal!.loses).toBe('nothing')
      expect(published!.size).toBeGreaterThanOrEqual(second.size)
      expect(world.failure).toBeUndefined()
    },
  )
})
