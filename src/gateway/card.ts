import { verifiedPages } from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { check } from '../core/failure.ts'
import type { ShopUnit } from '../files/shop-file.ts'
import { formatCard } from '../verify/card.ts'
import type { Gateway } from './gateway.ts'

/**
 * The card of a member in a unit (SPEC §10), made when a statement has proven that the account is hers.
 *
 * @throws GatewayError `member-unknown`; VerifyError `wrong-opening` and those of `StatementPages`; ClientError.
 */
export async function cardOf(gateway: Gateway, id: string, unit: ShopUnit): Promise<Uint8Array> {
  const { members, client, derivation, shop } = gateway
  const { account } = await members.get(id, unit)
  const proven = await verifiedPages(query => client.statement(account, query), { policy: shop.policy })
  const { history } = await gateway.histories.now(account, unit.record)
  const nonce = derivation.nonce(unit.record, id)
  const { opening } = history
  const isHers =
    proven.account.number === account &&
    equalBytes(proven.account.opening, history.openingLeaf) &&
    opening !== undefined &&
    equalBytes(opening.nonce, nonce)
  check(isHers, 'wrong-opening', `the ledger shows another opening of account ${account} than the shop's of "${id}"`)
  const { origin } = await client.identity()
  const owners = opening.owner === null ? [] : [opening.owner]
  return formatCard({ origin, ledgerId: proven.ledgerId, account, opening: history.openingLeaf, nonce, owners })
}
