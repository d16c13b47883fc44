import type { Configuration } from 'openid-client'
import { z } from 'zod'
import { GatewayError } from '../failure.ts'
import { WatchedFile } from '../watched-file.ts'
import type { Person, Staff } from './staff.ts'

const FORMAT = 'tallystick/openid/v1'
const schema = z.strictObject({
  format: z.literal(FORMAT),
  /** The provider of OpenID Connect, whose configuration is below `/.well-known`. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** What the provider knows this gateway by, and its secret, if it has one. */
  client: z.string().min(1),
  secret: z.string().min(1).optional(),
  /** Where browsers find the gateway: the provider sends them back to `/v1/session/callback` below it. */
  origin: z.url({ protocol: /^https?$/ }),
  /** A name for the provider, on the page. */
  title: z.string().min(1).max(64),
})

/** How people sign in at a provider of OpenID Connect. */
export type OpenIdSettings = Omit<z.infer<typeof schema>, 'format'>

/** A sign-in that was begun, until its browser comes back. */
interface BegunSignIn {
  readonly verifier: string
  readonly nonce: string
  readonly to: string
  readonly untilMs: number
}

/** How long a person has at the provider, and how many may be there at once. */
export const AWAY_MS = 10 * 60_000
const AWAY_MAX = 1000
/** Hosts that may be asked without TLS: this machine. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Sign-in by OpenID Connect: the code flow with PKCE, state and nonce, by the library `openid-client`. */
export class OpenIdSignIn {
  readonly #file: WatchedFile<z.infer<typeof schema> | undefined>
  readonly #staff: Staff
  readonly #begun = new Map<string, BegunSignIn>()
  #found: { readonly settings: OpenIdSettings; readonly configuration: Promise<Configuration> } | undefined

  constructor(path: string, staff: Staff) {
    this.#staff = staff
    this.#file = new WatchedFile<z.infer<typeof schema> | undefined>({
      ...{ path, schema: schema.optional(), empty: undefined, code: 'openid' },
      name: 'a file of a provider of OpenID Connect',
    })
  }

  /** What is set; undefined where nobody signs in so. */
  async settings(nowMs: number): Promise<OpenIdSettings | undefined> {
    return this.#file.look(nowMs)
  }

  /** Sets it. @throws UsageError `openid`. */
  async set(settings: OpenIdSettings): Promise<void> {
    await this.#file.change(() => schema.parse({ format: FORMAT, ...settings }))
  }

  /**
   * Begins a sign-in.
   *
   * @param to - the page to which the browser goes afterwards.
   * @returns where the browser goes now, and the state by which it is known again.
   */
  async begin(to: string, nowMs: number): Promise<{ readonly location: string; readonly state: string }> {
    const { settings, configuration, library } = await this.#provider(nowMs)
    const [verifier, nonce, state] = [
      library.randomPKCECodeVerifier(),
      library.randomNonce(),
      library.randomState(),
    ] as const
    for (const [key, { untilMs }] of this.#begun)
      if (untilMs <= nowMs || this.#begun.size >= AWAY_MAX) this.#begun.delete(key)
    this.#begun.set(state, { verifier, nonce, to, untilMs: nowMs + AWAY_MS })
    const location = library.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: callbackOf(settings), scope: 'openid email', state, nonce },
      ...{ code_challenge: await library.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    })
    return { location: location.href, state }
  }

  /**
   * Ends a sign-in, with what the provider sent the browser back with.
   *
   * @param query - untrusted.
   * @param state - that of the browser's cookie; untrusted.
   * @throws GatewayError `openid-failed`, `person-unknown`.
   */
  async end(query: URLSearchParams, state: string | undefined, nowMs: number): Promise<{ person: Person; to: string }> {
    const begun = state === undefined ? undefined : this.#begun.get(state)
    if (state === undefined || begun === undefined || begun.untilMs <= nowMs)
      throw failed('This sign-in was not begun in this browser, or too long ago. Begin again.')
    this.#begun.delete(state)
    const { settings, configuration, library } = await this.#provider(nowMs)
    const back = new URL(callbackOf(settings))
    back.search = query.toString()
    const identities = await (async () => {
      const tokens = await library.authorizationCodeGrant(configuration, back, {
        ...{ pkceCodeVerifier: begun.verifier, expectedNonce: begun.nonce, expectedState: state },
        idTokenExpected: true,
      })
      const { sub, email, email_verified: isVerified } = tokens.claims()!
      const told =
        email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
          ? await library.fetchUserInfo(configuration, tokens.access_token, sub)
          : { email, email_verified: isVerified }
      return told.email_verified === true && typeof told.email === 'string' ? [sub, told.email] : [sub]
    })().catch((error: Error) => {
      throw failed(`The provider's answer does not hold: ${error.message}.`)
    })
    const person = await this.#staff.atProvider(identities, nowMs)
    if (person === undefined)
      throw new GatewayError(
        'person-unknown',
        'Nobody of this shop signs in as the one that the provider named. The owner adds them: tally user add --openid.',
        { status: 403, isRetryable: false },
      )
    return { person, to: `${settings.origin.replace(/\/$/, '')}${begun.to}` }
  }

  /** @throws GatewayError `openid-unknown`, `openid-failed`. */
  async #provider(nowMs: number) {
    const settings = await this.#file.look(nowMs)
    if (settings === undefined)
      throw new GatewayError('openid-unknown', 'This gateway has no provider of OpenID Connect: sign in by password.', {
        ...{ status: 404, isRetryable: false },
      })
    // Most gateways have none: it is loaded where one has.
    const library = await import('openid-client')
    if (this.#found?.settings !== settings) {
      const { issuer, client, secret } = settings
      const url = new URL(issuer)
      const execute = LOOPBACK.has(url.hostname) ? [library.allowInsecureRequests] : []
      const auth = secret === undefined ? library.None() : undefined
      this.#found = { settings, configuration: library.discovery(url, client, secret, auth, { execute }) }
    }
    const configuration = await this.#found.configuration.catch((error: Error) => {
      this.#found = undefined
      throw failed(`The provider ${settings.issuer} cannot be asked: ${error.message}.`, true)
    })
    return { settings, configuration, library }
  }
}

function callbackOf({ origin }: OpenIdSettings): string {
  return `${origin.replace(/\/$/, '')}/v1/session/callback`
}

function failed(message: string, isRetryable = false): GatewayError {
  return new GatewayError('openid-failed', message, { status: isRetryable ? 503 : 401, isRetryable })
}
