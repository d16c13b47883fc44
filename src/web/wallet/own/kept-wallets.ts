import type { KeptState } from '../../../verify/kept-state.ts'
import type { Device } from '../device.ts'
import type { KeptWallet } from './messages.ts'

/** What this device keeps of an account. */
export interface WalletRecord {
  readonly account: number
  readonly origin: string
  readonly unit?: string
  readonly policy: Uint8Array
  /** Who said so: the ledger itself, or she. */
  readonly policyFrom: 'ledger' | 'yours'
  readonly card?: Uint8Array
  /** A key file, locked. */
  readonly key?: Uint8Array
  /** The last statement that held, all of its pages; what the next one is compared with; and when. */
  readonly statement?: Uint8Array
  readonly kept?: KeptState
  readonly atMs?: number
}

/** The wallets that a device keeps. */
export async function keptWallets(device: Device): Promise<KeptWallet[]> {
  const all = await device.all<WalletRecord>('wallets')
  return all.map(([name, { account, origin, unit, key }]) => {
    return { name, account, origin, unit, hasKey: key !== undefined }
  })
}
