import { LocalJournal } from '../../src/journal/index.ts'
import { journalContract } from './contract.ts'

// It wants a command when its reader asks for one, and is handed it then.
journalContract('local', async next => ({ journal: new LocalJournal(next), ahead: 0 }))
