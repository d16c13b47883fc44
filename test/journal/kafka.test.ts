import { describe, expect, test } from 'vitest'
import { JournalError } from '../../src/journal/index.ts'
import { parseKafkaAddress } from '../../src/journal/kafka.ts'

// What needs brokers is in test/kafka, which npm run test:kafka runs.
describe('the address of a stream', () => {
  test.each([
    ['kafka://a/points', ['a:9092'], 'points'],
    ['kafka://a:1,b.example:65535,[::1]:9/x.y_z-1', ['a:1', 'b.example:65535', '[::1]:9'], 'x.y_z-1'],
  ])('%s', (text, brokers, topic) => {
    expect(parseKafkaAddress(text)).toEqual({ brokers, topic })
  })

  test.each([
    '',
    'kafka://',
    'kafka://a',
    'kafka://a/',
    'kafka:///points',
    'kafka://a:70000/points',
    'kafka://a,/points',
    'kafka://user:secret@a/points',
    'kafka://a/points?x=1',
    'kafka://a/po ints',
    'http://a/points',
  ])('refuses "%s"', text => {
    expect(() => parseKafkaAddress(text)).toThrow(JournalError)
  })
})
