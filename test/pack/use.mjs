// Uses each export of the package once, as its readers would. Run in the folder that it is installed in.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as audit from 'tallystick/audit'
import * as client from 'tallystick/client'
import * as core from 'tallystick/core'
import * as ledger from 'tallystick/ledger'
import * as log from 'tallystick/log'
import * as monitor from 'tallystick/monitor'
import * as programmes from 'tallystick/programmes'
import * as verify from 'tallystick/verify'
import * as witness from 'tallystick/witness'

const seed = new Uint8Array(randomBytes(32))
const key = core.publicKeyFromSeed(seed)
assert.ok(core.verifyEd25519(key, core.utf8Encode('once'), core.signEd25519(seed, core.utf8Encode('once'))))
assert.throws(() => verify.parseCard(core.utf8Encode('{}')), { code: 'card' })
assert.equal(client.makeEntry('fund', { debit: 0, credit: 1, amount: 5 })[0], 2)
assert.equal(new ledger.LedgerState().accounts.count, 0)
assert.equal(typeof audit.auditLog, 'function')
assert.equal(typeof monitor.mirror, 'function')
assert.equal(typeof witness.buildWitnessServer, 'function')
assert.equal(typeof log.TallyLog.open, 'function')
assert.equal(programmes.parseProgramme(JSON.stringify(programmes.TEMPLATES.coins)).name, 'coins')
console.log('every export was used')
