import type { Both } from '../shell/both.ts'

/**
 * What a check found, as the end of the sentence "It does not hold: …". One row for each code that something shown can
 * end in (SPEC §10 to §12); the codes for bytes that are not of their form have one sentence together.
 */
const en: Readonly<Record<string, string>> = {
  'unknown-log': 'it is of a log that your policy does not name.',
  'log-signature': 'the log of your policy did not sign this.',
  'note-signature': 'the text is not signed as it says.',
  quorum: 'too few witnesses have seen this.',
  'consistency-proof': 'the log is not known to have grown out of the one before.',
  'genesis-proof': 'the log does not begin as this file says.',
  'log-identity': 'the log names itself otherwise.',
  'seal-proof': 'the seal is not the last entry of what was signed.',
  stale: 'it is older than you accept.',
  'clock-ahead': 'it is dated ahead of its time.',
  'wrong-ledger': 'it is of another ledger than your card.',
  'wrong-account': 'it is another account than that of your card.',
  'wrong-opening': 'somebody else opened this account.',
  'wrong-owner': 'the account is under a key that your card does not name.',
  'account-proof': 'the ledger signed another state of this account.',
  'line-kind': 'an entry is not of this account.',
  'kept-state': 'it does not go on from what you verified before.',
  'continued-dropped': 'entries were dropped where the ledger went on.',
  'line-count': 'the number of entries is not the one that was signed.',
  'pages-missing': 'the last pages are not there: what is there holds as far as it goes, and is no statement.',
  'batch-proof': 'a batch is not in the log where this file says.',
  'evidence-order': 'the entries are not in their order.',
  'record-proof': 'a key, unit or rule is not the one in the log.',
  'record-status': 'a key, unit or rule counts that was refused.',
  'record-signature': 'a key, unit or rule lacks the signatures that it takes.',
  'record-missing': 'a key, unit or rule is not shown.',
  'series-proof': 'something claimed has another number than it is said to have.',
  'record-changed': 'a key, unit or rule was changed.',
  'after-end': 'the log had ended before this.',
  'evidence-proof': 'an entry is not in the log where this file says.',
  'evidence-status': 'an entry counts that was refused.',
  'line-late': 'an entry is shown that was kept from you before.',
  'evidence-missing': 'nothing shows who signed an entry.',
  'line-repeated': 'an entry counts twice.',
  'line-rule': 'an entry counts that the rules refuse.',
  totals: 'the balance is not what the entries make.',
  holdings: 'dates, holds or keys are not what the entries make.',
  head: 'entries were left out, changed or put in another order.',
  'evidence-signature': 'an entry lacks the signature that it takes.',
  'line-time': 'an entry came in at another time than was signed.',
  'inclusion-proof': 'the entry is not in the log at this place.',
  'promise-signature': 'the log of your policy did not sign this promise.',
  'promise-transactions': 'the promise is of other transactions.',
  'refusal-signature': 'the log of your policy did not sign this refusal.',
  'batch-genesis': 'the reason is false: the log had its genesis, and there is none among these.',
  'totals-signature': 'the log did not sign these figures.',
  'totals-false': 'the figures are not those that the seal commits to.',
  'not-proven': 'what the file shows does not prove what it says.',
  'log-root': 'the entries are not those that were signed.',
  'needs-replay': 'it takes a replay of the log to see it.',
  'needs-observer': 'that is the word of the one who wrote the file.',
  'batch-version': 'it follows later rules than this page knows.',
  'seal-version': 'it follows later rules than this page knows.',
}

const zh: typeof en = {
  'unknown-log': '它属于你的信任名单没有列出的账本。',
  'log-signature': '信任名单里的账本没有签署它。',
  'note-signature': '文本的签名与所写不符。',
  quorum: '看到它的见证方太少。',
  'consistency-proof': '看不出账本由先前那份增长而来。',
  'genesis-proof': '账本的开头与文件所写不符。',
  'log-identity': '账本自己写的名称或密钥不同。',
  'seal-proof': '封存不是所签内容的最后一条。',
  stale: '它比你接受的更旧。',
  'clock-ahead': '它的日期写到了将来。',
  'wrong-ledger': '它属于另一个账本，与你的卡不同。',
  'wrong-account': '它是另一个账户，与你的卡不同。',
  'wrong-opening': '这个账户由别人开立。',
  'wrong-owner': '账户由你的卡没有列出的密钥掌管。',
  'account-proof': '账本签署的是这个账户的另一个状态。',
  'line-kind': '有一条记录不属于这个账户。',
  'kept-state': '它没有接续你先前核对过的内容。',
  'continued-dropped': '账本转到别处时丢掉了记录。',
  'line-count': '记录的条数与签署的不同。',
  'pages-missing': '缺少最后几页：已有的部分都成立，但还不是一份完整的证明。',
  'batch-proof': '有一个批次不在账本里所说的位置。',
  'evidence-order': '记录的次序不对。',
  'record-proof': '有的密钥、单位或规则与账本里的不同。',
  'record-status': '已被拒绝的密钥、单位或规则被算作有效。',
  'record-signature': '有的密钥、单位或规则缺少必需的签名。',
  'record-missing': '有的密钥、单位或规则没有出示。',
  'series-proof': '认领的物品编号与所说的不符。',
  'record-changed': '有的密钥、单位或规则被换过。',
  'after-end': '在此之前，这个日志已经结束。',
  'evidence-proof': '有一条记录不在账本里所说的位置。',
  'evidence-status': '已被拒绝的记录被算入。',
  'line-late': '现在出示的一条记录，先前没有给你看。',
  'evidence-missing': '看不出有一条记录由谁签名。',
  'line-repeated': '有一条记录算了两次。',
  'line-rule': '规则应拒绝的记录被算入。',
  totals: '余额不是记录算出的结果。',
  holdings: '日期、预留或密钥不是记录得出的结果。',
  head: '有记录被删去、更改或调换次序。',
  'evidence-signature': '有一条记录缺少必需的签名。',
  'line-time': '有一条记录进入账本的时间与签署的不同。',
  'inclusion-proof': '这条记录不在账本的这个位置。',
  'promise-signature': '信任名单里的账本没有签署这份承诺。',
  'promise-transactions': '承诺所指的是另一些交易。',
  'refusal-signature': '信任名单里的账本没有签署这次拒绝。',
  'batch-genesis': '理由不实：账本已有创世记录，而这些交易里没有。',
  'totals-signature': '账本没有签署这些数字。',
  'totals-false': '这些数字不是封存所确定的。',
  'not-proven': '文件出示的内容，证明不了它所说的。',
  'log-root': '这些记录不是签署的那些。',
  'needs-replay': '要重演账本才能看出。',
  'needs-observer': '那只是写文件的人的说法。',
  'batch-version': '它依据的规则比这个页面所知的更新。',
  'seal-version': '它依据的规则比这个页面所知的更新。',
}

const MALFORMED: Both<string> = {
  en: 'it cannot be read: the bytes are not of their form.',
  zh: '无法读取：内容不符合格式。',
}

const CODES: Both<Readonly<Record<string, string>>> = { en, zh }

/** What a check with that code found, in a clause; whether it is one of the codes with words of their own. */
export function headOf(code: string, language: 'en' | 'zh'): string {
  return Object.hasOwn(CODES[language], code) ? CODES[language][code]! : MALFORMED[language]
}

/** Whether a code has words of its own, in both languages. */
export function hasHead(code: string): boolean {
  return Object.hasOwn(en, code) && Object.hasOwn(zh, code)
}
