import { afterAll, beforeAll, describe, test } from 'vitest'
import { SharedJournal } from '../../src/journal/index.ts'
import { journalContract } from '../journal/contract.ts'
import { Brokers } from './brokers.ts'

const { lacking } = Brokers
if (lacking !== undefined) test.skip(`the contract of a journal: kafka (${lacking})`, () => {})
else
  describe('three brokers', () => {
    let brokers: Brokers
    let topics = 0
    beforeAll(async () => {
      brokers = await Brokers.up(29_190)
    })
    afterAll(() => brokers?.down())

    journalContract('kafka', async next => {
      const topic = `contract-${topics++}`
      await brokers.topic(topic, next)
      const writer = new Uint8Array(16).fill(topics)
      return { journal: new SharedJournal({ stream: brokers.stream(topic), next, writer, room: 8 }), ahead: 8 }
    })
  })
