import type { BrokenPromise } from '../../verify/evidence/broken-promise.ts'

const RULES = '账本里没有任何违反已公布规则的记录。'
const SAME_HISTORY = '历史只有一份，对所有人相同，并且只增不改。'
const WHOLE = '对账单包含你账户的每一条记录，从开户起，次序不变。'
const RECOMPUTED = '你的余额由你自己的记录算出，别无其他。'
const SIGNED = '没有必需的签名，谁都不能花费、预留你的积分，也不能更改你的账户。'
const YOURS = '给你看的，是你自己的账户。'
const IN_THE_LOG = '给你看的，都在运营方签名、人人可查的账本里。'
const YOUR_LOG = '给你看的，由你信任的账本签名，没有别人代签。'
const TIME = '账本时间从不倒退。'
const SAME_RECORDS = '密钥、积分单位和规则都出自账本，对所有人相同。'
const REFUSED = '被拒绝的，不改变任何东西。'
const NOW = '给你看的，是现在的情形。'
const SEALED = '给你看的每个余额，都由整个账本确定。'

/** The promises of `brokenPromise`, and what it means that one is broken, in Chinese: one row for each code. */
export const PROMISES_ZH: Readonly<Record<string, BrokenPromise>> = {
  forked: {
    promise: SAME_HISTORY,
    means:
      '运营方签署了两份历史。会员、审计方和见证方在其中一份里看到的，在另一份里可能缺失或被改动。在弄清谁看到了哪一份之前，这个账本给出的一切都不可依靠。',
  },
  'promise-broken': {
    promise: '已确认收到的，就在账本里。',
    means:
      '运营方收下一个批次，签名承诺写入账本，随后公布的账本里却没有它，或换成了别的。承诺中的交易已被接受：持有承诺的人可以要求兑现。',
  },
  'promise-overdue': {
    promise: '已确认收到的，会在期限前公布。',
    means: '运营方收下一个批次，签名写明公布期限，到期却没有公布。在公布之前，承诺中的交易只凭运营方一句话。',
  },
  'entry-form': {
    promise: '账本的每条记录，人人都能读懂。',
    means: '账本里有按其规则毫无意义的字节。它们对余额有何作用，无人能核对。',
  },
  'entry-order': {
    promise: '每笔交易都跟在签署它的批次之后，每次封存都在批次之间。',
    means: '账本里有无人签名负责的记录，或只封存了半个批次。',
  },
  'batch-root': {
    promise: '账本里的交易与签署时一致。',
    means: '账本里的一个批次不是签名人签署的那个：签署之后，其中有交易被更改、删去或添加。它所变动的积分都没有授权。',
  },
  'batch-time': { promise: TIME, means: '有一条记录被写进了过去。期限、过期和先后次序都由运营方任意决定。' },
  'seal-time': { promise: TIME, means: '有一次封存被写进了过去：它所确定的余额是何时的，无从得知。' },
  'seal-epoch': { promise: '封存连续编号，一次也不能缺。', means: '账本缺少应有的封存，也就缺少它们所确定的内容。' },
  'seal-last': {
    promise: '每个检查点都以一次封存结束，封存确定每个余额。',
    means: '运营方签署了一个不确定任何余额的状态：没有对账单能据此核对。',
  },
  'log-identity': {
    promise: '账本就是它自称的那个。',
    means: '账本自己写的名称或密钥，与签名的不同：这不是你信任的账本。',
  },
  'continued-dropped': {
    promise: '账本转到另一个日志继续时，带上已有的全部记录。',
    means: '你曾看到的，多于现在这份日志接续的部分：途中丢掉了记录，其中有你的，或没有人说明丢过什么。',
  },
  'continued-twice': {
    promise: '账本转到另一个日志继续时，只转到一个。',
    means: '掌握账本最高密钥的人让它在两个日志里继续。两边的会员看到两个账本，各有一套余额。',
  },
  'after-end': {
    promise: '账本转到别处之后，原来的日志就结束了。',
    means: '一个已结束的日志，其密钥又签署了更多内容。看到这些的人看到的不是账本：真正继续的那个有另一份历史。',
  },
  'batch-refused': {
    promise: '没有必需的签名，什么也进不了账本。',
    means: '账本里有一个批次，所列签名人并未签名，或无权签名。积分的发放、转移或花费，密钥和账户的建立，都没有授权。',
  },
  'batch-statuses': { promise: RULES, means: '规则应拒绝的交易被算入，或规则允许的被拒绝。余额因此有误。' },
  'seal-state': {
    promise: '每次封存确定的余额，都由记录得出，别无其他。',
    means: '给会员看的余额，不是他们的交易所得出的。',
  },
  'seal-registry': {
    promise: '每次封存确定的密钥、积分单位和规则，都由账本自身产生。',
    means: '有的密钥、单位或规则生效了，账本里却没有记录，或账本里有的被略去。',
  },
  'seal-totals': { promise: '欠付的总数由记录得出。', means: '运营方所确定的总数不真实：它欠的比所说的多，或少。' },
  'totals-signature': {
    promise: '运营方公开说明的欠付数额都有其签名。',
    means: '这些数字不是运营方签署的，或不是那一天的：可能有人改过。',
  },
  'refusal-false': {
    promise: '只有理由属实，才会拒收一个批次。',
    means: '所提交的内容被以借口拒收：账本自身表明，当时并没有这个理由。',
  },
  'totals-false': {
    promise: '运营方公开说明的欠付数额，就是其封存所确定的。',
    means: '运营方向公众签署的数字，与它所确定的不同：两者必有一假。',
  },
  withheld: {
    promise: '账本签署的，人人可查。',
    means: '运营方签署了一个状态，却不出示它由何而来。在出示之前，它可能是另一份历史。',
  },
  'rolled-back': { promise: SAME_HISTORY, means: '账本比先前短了。其间增加的被收回，或把旧状态当作最新的出示。' },
  'consistency-proof': {
    promise: SAME_HISTORY,
    means: '看不出现在这份账本由你先前接受的那份增长而来。或者缺少证明，或者你看过的记录后来被更改、收回。',
  },
  'kept-state': {
    promise: SAME_HISTORY,
    means: '现在的账户没有接续你先前核对过的内容。你看过的记录被更改或收回，或把旧对账单当作新的，或取了历史的另一段。',
  },
  'unknown-log': {
    promise: YOUR_LOG,
    means: '它来自你的信任名单没有列出的账本：无论它写了什么，都不是你信任的人说的。',
  },
  'log-signature': {
    promise: YOUR_LOG,
    means: '检查点在签名之后被改过，或由别人制作。它对运营方没有任何约束。',
  },
  'note-signature': { promise: YOUR_LOG, means: '文本在签名之后被改过，或有人冒名签署。' },
  quorum: {
    promise: '所有人看到同一个账本：你信任的见证方也看到了它。',
    means:
      '看到这个状态的见证方，少于你的信任名单所要求的。它可能只给你一个人看；也可能还没有请他们联署，之后的检查点会有。',
  },
  stale: {
    promise: NOW,
    means: '这是旧状态，或把日期写到将来，让它永不显旧。此后发生的，例如积分被花费或扣除，你看不到。',
  },
  'clock-ahead': {
    promise: '账本里的事，发生在它所写的时间。',
    means: '账本所写的时间超前于见证方，或超前于这里的时钟。积分可能被提前过期；也可能是某个见证方或本机的时钟不准。',
  },
  behind: { promise: NOW, means: '账本停滞超过了允许的时间，或出示的是旧状态，或本机的时钟不准。' },
  'genesis-proof': {
    promise: IN_THE_LOG,
    means: '账本的开头与这份对账单所写不符：它是另一个账本的，或根本不是账本的。',
  },
  'seal-proof': { promise: SEALED, means: '这里的余额不是运营方最后签署的。可能是旧的，也可能是编造的。' },
  'account-proof': { promise: SEALED, means: '运营方签署的这个账户的状态，与给你看的不同。' },
  'wrong-ledger': {
    promise: YOURS,
    means: '它属于另一个账本，与你的卡不同，也许是同名重开的。你在一个账本里的积分，在另一个里不算数。',
  },
  'wrong-account': { promise: YOURS, means: '这是别人的账户，其余额与你无关。' },
  'wrong-owner': { promise: YOURS, means: '账户现在或曾经由你的卡没有列出的密钥掌管：别人可以花费其中的积分。' },
  'wrong-opening': {
    promise: YOURS,
    means: '这个号码下的账户由别人开立。也许两位会员都被告知它是自己的：一方花掉的，另一方就失去了。',
  },
  'record-status': { promise: REFUSED, means: '有的密钥、单位或规则在生效，而账本写明它已被拒绝。' },
  'record-signature': {
    promise: '密钥、积分单位和规则，只由账本的创立人建立，人数须达到要求。',
    means: '有的密钥、单位或规则在生效，却没有他们的签名。据此所做的一切都没有授权。',
  },
  'series-proof': {
    promise: '你认领的物品，编号就是告诉你的那个。',
    means: '你付积分认领的包裹、优惠券或证书，不是告诉你的那一件，或者运营方所确定的内容里没有一处表明它属于你。',
  },
  'claim-twice': {
    promise: '只有一件的东西只认领一次。',
    means: '两位会员都被告知同一件东西是自己的：同一编号的包裹、证书或优惠券付了两次积分。',
  },
  'record-changed': {
    promise: '开户时写明的，或出示过的，不再改变。',
    means: '单位、保管方、密钥或规则被换成了另一个，与你账户所列或你所见的不同。你的积分可能因此被收回，或被别人花掉。',
  },
  'record-proof': { promise: SAME_RECORDS, means: '出示的密钥、单位或规则，不是运营方所确定的，或与公布的文字不同。' },
  'record-missing': { promise: SAME_RECORDS, means: '记录所依据的密钥、单位或规则没有出示，因此无法判断它们对不对。' },
  'line-count': { promise: WHOLE, means: '缺少记录，或多于账户所有的。只凭一部分历史算出的余额，不是余额。' },
  head: { promise: WHOLE, means: '有记录被删去、更改或调换次序，条数和总数被凑合。给你看的不是你的历史。' },
  'line-late': {
    promise: WHOLE,
    means: '现在出示的一条记录，早在先前给你看历史时就已在账本里。当时给你看的并不完整。',
  },
  'line-kind': { promise: WHOLE, means: '其中有不属于这个账户的记录，或不是从开户开始。' },
  'line-repeated': { promise: '每笔交易只算一次。', means: '有一笔算了两次：花掉或给出一次的，又被扣除或给出一次。' },
  'line-rule': {
    promise: RULES,
    means: '有一条记录被算入，而积分规则应拒绝它：花费、收回、扣取或过期的数量、时间或方式不合规则。你的余额因此有误。',
  },
  totals: { promise: RECOMPUTED, means: '运营方签署的余额，与你的记录算出的不同。差额有人已经失去，或将要失去。' },
  holdings: {
    promise: RECOMPUTED,
    means:
      '运营方签署的日期、预留、授权、状态或持有人密钥，与你的记录得出的不同。积分可能不该过期而过期，或被别人花掉。',
  },
  'evidence-missing': { promise: SIGNED, means: '有人以你的名义做了事，却没有任何东西显示是你做的。' },
  'evidence-signature': {
    promise: SIGNED,
    means: '无权的人动了你的账户：签名是伪造的，或属于另一件事，或所用密钥无权这样做。',
  },
  'evidence-proof': { promise: IN_THE_LOG, means: '一条记录，或应以签名为其负责的批次，不在账本里所说的位置。' },
  'batch-proof': { promise: IN_THE_LOG, means: '应显示谁在何时签署你的记录的批次，不在账本里所说的位置。' },
  'evidence-status': { promise: REFUSED, means: '有一笔交易算入了你的余额，而账本写明它已被拒绝。' },
  'evidence-order': { promise: '记录按进入账本的次序和时间计算。', means: '出示的次序或时间，与它们在账本里的不同。' },
  'line-time': {
    promise: '签署的，很快算数，否则永不算数。',
    means: '有一笔交易进入账本的时间与签名人所写的不同：被扣住后才写入，或先拒绝后写入，或日期写到了将来。',
  },
  'inclusion-proof': {
    promise: IN_THE_LOG,
    means: '这条记录不在账本的那个位置，或后来被改过。在它进入账本之前，它所写的都不算数。',
  },
  'answer-false': {
    promise: '账本怎样答复，就怎样签署。',
    means: '给你的答复与账本签署的不同：说已收下、已拒绝、已公布或已按时承诺，其实没有。',
  },
  'promise-signature': { promise: YOUR_LOG, means: '账本没有签署这份承诺，或它后来被改过。不能据此要求任何人兑现。' },
  'promise-transactions': {
    promise: '承诺所指的，就是送去的交易。',
    means: '所承诺的批次，不是这个文件里的交易：对这些交易没有任何承诺。',
  },
  'refusal-signature': {
    promise: YOUR_LOG,
    means: '账本没有签署这次拒绝，或后来有内容被改过：所提交的内容、签名人、时间或理由。不能据此要求任何人负责。',
  },
  'log-root': { promise: IN_THE_LOG, means: '提供的记录不是签署的那些：审计方和会员看到的是两个不同的账本。' },
  tile: { promise: IN_THE_LOG, means: '人人可读的账本内容与签署的不符：依靠它的人都被误导。' },
  reward: {
    promise: '积分按公布的规则发放，人人相同。',
    means: '运营方发放的积分多于或少于规则，或时间不对，或同一件事发了两次。有人受到偏袒，或有人失去了承诺给所有人的。',
  },
  tier: {
    promise: '等级按公布的方案、以账上所有的为准，人人相同。',
    means: '有人被标为未达到的等级，或应有的等级没有给，或期限与方案不符。',
  },
  chain: {
    promise: '会员为积分所做的每件事都算数，只算一次，各得多少有据可查。',
    means: '交出的会员事件有缺失，或与之前的对不上：可能为没有出示的事发放或扣下了积分。',
  },
  overdue: {
    promise: '过期的积分在一天之内注销，到期的预留会释放。',
    means: '余额和总数里有谁也不能再花的积分，或预留到期后仍扣着会员的积分：看上去欠的更多，或会员的更少。',
  },
  'batch-genesis': {
    promise: '只有理由属实，才能拒绝一个批次。',
    means: '提交的批次被以借口拒绝。仅凭这个文件就能看出。',
  },
}
