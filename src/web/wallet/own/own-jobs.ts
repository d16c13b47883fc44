import { detailsBehind } from '../../../client/lists.ts'
import { fromBase64 } from '../../../core/bytes.ts'
import type { Device } from '../device.ts'
import type { OnEntries, OwnJobs } from './messages.ts'
import { askWitnesses, compareWith, headText } from './own-compare.ts'
import { OwnPapers } from './own-papers.ts'
import { recover } from './own-recovery.ts'
import { OwnSending } from './own-sending.ts'
import { OwnWallet } from './own-wallet.ts'

/**
 * What the thread of the wallet does. The key is there, and nowhere else in the page: no job gives it away but under a
 * passphrase.
 */
export function ownJobs(device: Device, onEntries: OnEntries): Omit<OwnJobs, 'kept'> {
  const wallet = new OwnWallet(device, location.origin)
  const sending = new OwnSending(wallet)
  const papers = new OwnPapers(wallet)
  return {
    make: async () => wallet.make(),
    open: (files, kept, passphrase) => wallet.open(files, kept, passphrase),
    look: () => wallet.look(onEntries),
    terms: () => sending.terms(),
    prepare: act => sending.prepare(act),
    send: entry => sending.send(entry),
    keepKey: passphrase => wallet.keepKey(passphrase),
    lockedFile: passphrase => wallet.lockedFile(passphrase),
    forget: () => wallet.forget(),
    papers: () => papers.all(),
    complain: (name, words) => papers.complain(name, words),
    asked: name => papers.asked(name),
    async details(commitment) {
      const { account, client } = wallet.opened
      const { salt, text } = await detailsBehind(client, commitment, { account })
      return { salt: fromBase64(salt), text }
    },
    headText: async () => headText(wallet),
    compare: text => compareWith(wallet, text),
    witnesses: () => askWitnesses(wallet),
    recover: (files, newKey, passphrase) => recover(wallet, sending, files, { newKey, passphrase }),
  }
}
