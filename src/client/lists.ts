import {
  type AccountRow,
  type BudgetRow,
  type ConsentRow,
  type EntryRow,
  readAccounts,
  readBudgets,
  readConsent,
  readConsents,
  readDetails,
  readDue,
  readEntries,
  readHealth,
  readUnits,
  type UnitRow,
} from './answers.ts'
import type { TallyClient } from './client.ts'

// What a ledger lists: its word, of which nothing is proven, and nothing is signed because of it. All throw
// ClientError, and FormatError `answer` where an answer does not have its form.

/** Which page of a list: the rows after a number, at most `limit` of them; by default the first 100. */
export interface Page {
  readonly after?: number
  readonly limit?: number
}

function query({ after, limit = 100 }: Page): string {
  return after === undefined ? `?limit=${limit}` : `?after=${after}&limit=${limit}`
}

/** Accounts in order of number: all for the platform and auditors, for a custodian those in its custody. */
export async function listAccounts(client: TallyClient, page: Page = {}): Promise<AccountRow[]> {
  return (await client.read(`/v1/accounts${query(page)}`, readAccounts)).accounts
}

/** The entries of a member account in order. */
export async function listEntries(client: TallyClient, account: number, page: Page = {}): Promise<EntryRow[]> {
  return (await client.read(`/v1/accounts/${account}/entries${query(page)}`, readEntries, account)).entries
}

/** Units and their policies. */
export async function listUnits(client: TallyClient): Promise<UnitRow[]> {
  return (await client.read('/v1/units', readUnits)).units
}

/** Budgets and what is left in them: all for the platform and auditors, for an issuer those in its scope. */
export async function listBudgets(client: TallyClient, page: Page = {}): Promise<BudgetRow[]> {
  return (await client.read(`/v1/budgets${query(page)}`, readBudgets)).budgets
}

/** Accounts that an entry `expire` or `release` is due for, and the time of the ledger as of which it is. */
export function listDue(client: TallyClient, limit = 100): Promise<ReturnType<typeof readDue>> {
  return client.read(`/v1/due?limit=${limit}`, readDue)
}

/** Every consent that an account ever gave. */
export async function listConsents(client: TallyClient, account: number): Promise<ConsentRow[]> {
  return (await client.read(`/v1/accounts/${account}/consents`, readConsents, account)).consents
}

/** One consent of an account, with the receipts that prove it. @param id - hex. */
export function consentOf(client: TallyClient, account: number, id: string): Promise<ReturnType<typeof readConsent>> {
  return client.read(`/v1/accounts/${account}/consents/${id}`, readConsent, account)
}

/**
 * The details under a commitment, hex. Under a consent, hex, an entry says first that they were shown.
 *
 * @param account - whose owner calls, where an owner does.
 */
export function detailsBehind(
  client: TallyClient,
  commitment: string,
  { account, consent }: { readonly account?: number | undefined; readonly consent?: string | undefined } = {},
): Promise<ReturnType<typeof readDetails>> {
  const grant = consent === undefined ? '' : `?grant=${consent}`
  return client.read(`/v1/details/${commitment}${grant}`, readDetails, account)
}

/** How the ledger is, and what it published last. */
export function healthOf(client: TallyClient): Promise<ReturnType<typeof readHealth>> {
  return client.read('/healthz', readHealth)
}
