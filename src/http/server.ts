import type { FastifyBaseLogger } from 'fastify'
import {
  OPEN_BODY_BYTES_EACH,
  OPEN_BODY_BYTES_MAX,
  SUBMISSION_BYTES_MAX,
  UNSIGNED_BODY_BYTES_MAX,
} from '../core/limits.ts'
import type { Policy } from '../core/note/policy.ts'
import type { ServedLog } from '../log/index.ts'
import { CBOR, type Front, makeServer, type Pages, type PassOn, type Server, takeBytes } from '../serving/index.ts'
import { explain } from './explain.ts'
import type { Observer } from './observer.ts'
import { accountRoutes } from './routes/accounts.ts'
import { batchRoutes, turnAwayFrom } from './routes/batches.ts'
import { budgetRoutes } from './routes/budgets.ts'
import { consentRoutes } from './routes/consents.ts'
import { detailsRoutes } from './routes/details.ts'
import { dryRunRoutes } from './routes/dry-runs.ts'
import { dueRoutes } from './routes/due.ts'
import { feedRoutes } from './routes/feed.ts'
import { healthRoutes } from './routes/health.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { publishedRoutes } from './routes/published.ts'
import { receiptRoutes } from './routes/receipts.ts'
import { refRoutes } from './routes/refs.ts'
import { type RuleStore, ruleRoutes } from './routes/rules.ts'
import { saltRoutes } from './routes/salts.ts'
import { statementRoutes } from './routes/statements.ts'
import { testClockRoutes } from './routes/test-clock.ts'
import { unitRoutes } from './routes/units.ts'

export interface LedgerServerOptions {
  readonly log: ServedLog
  readonly logger: FastifyBaseLogger | undefined
  readonly version: string
  /** Texts of rules; none by default. */
  readonly rules?: RuleStore
  /** Is told what is answered; nobody by default. */
  readonly observer?: Observer
  /** What `GET /policy` proposes; by default the log alone. */
  readonly policy?: Policy
  /** Requests that another server of this machine answers, such as a gateway; none by default. */
  readonly passOn?: PassOn
  /** Where it stands behind a proxy; by default it does not. */
  readonly front?: Front | undefined
  /** Pages for people; none by default. */
  readonly pages?: Pages | undefined
}

/** The HTTP surface of a ledger (SPEC §11), not yet listening. */
export function buildServer(options: LedgerServerOptions): Promise<Server> {
  const { log, logger, version, policy, observer, rules, passOn, pages, front } = options
  return makeServer({
    title: 'Tallystick',
    version,
    description: 'A ledger of loyalty points that anyone can check. Formats and algorithms: SPEC.md.',
    tokens: 'EdDSA JWT, SPEC §11',
    limits: {
      bodyBytes: SUBMISSION_BYTES_MAX,
      openBytes: OPEN_BODY_BYTES_MAX,
      openBytesEach: OPEN_BODY_BYTES_EACH,
      anonymousBytes: UNSIGNED_BODY_BYTES_MAX,
    },
    // A ledger that has stopped, or cannot read what it stored, says so anywhere.
    problemsOfAll: [503],
    logger,
    observer,
    passOn,
    front,
    turnAway: turnAwayFrom(log),
    explain,
    pages,
    routes: async server => {
      takeBytes(server, CBOR)
      publishedRoutes(server, log, policy ?? { logs: [{ key: log.logKey }], witnesses: [], groups: [], quorum: 'none' })
      ledgerRoutes(server, log)
      healthRoutes(server, log)
      batchRoutes(server, log, observer)
      dryRunRoutes(server, log)
      accountRoutes(server, log)
      statementRoutes(server, log)
      receiptRoutes(server, log)
      consentRoutes(server, log)
      unitRoutes(server, log)
      budgetRoutes(server, log)
      dueRoutes(server, log)
      feedRoutes(server, log)
      refRoutes(server, log)
      detailsRoutes(server, log)
      saltRoutes(server, log)
      testClockRoutes(server, log)
      await ruleRoutes(server, log, rules)
    },
  })
}
