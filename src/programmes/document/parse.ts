import { toHex, utf8Encode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import { PointerError } from '../failure.ts'
import { PROGRAMME_BYTES_MAX } from '../limits.ts'
import { At } from './forms.ts'
import { canonicalText, type JsonObject, parseJson } from './json.ts'
import { parseEvents, parseMeters } from './parse-events.ts'
import {
  checkTierRules,
  parseCampaigns,
  parseExchanges,
  parseFriends,
  parseReversals,
  parseSettle,
  parseSpend,
  parseTiers,
} from './parse-rest.ts'
import { capsAt, dateAt, parseRules } from './parse-rules.ts'
import type { Cap, Programme } from './programme.ts'

const FORMAT = 'tallystick/programme/v1'
const REQUIRED = ['format', 'name', 'version', 'unit', 'from', 'day', 'late', 'events', 'rules']
const OPTIONAL = [
  'title',
  'until',
  'grain',
  'meters',
  'caps',
  'campaigns',
  'matures',
  'expires',
  'tiers',
  'reversals',
  'spend',
  'settle',
  'exchange',
  'collect',
]
const VERSION_MAX = 65_535

/**
 * The programme that a document says: docs/programmes.md §1, §2.
 *
 * @param bytes - untrusted; in any order of names and with any white space.
 * @throws PointerError `json…`, `programme`, `expression…`, with the pointer to what is wrong; FormatError `utf8`.
 */
export function parseProgramme(bytes: Uint8Array | string): Programme {
  const value = parseJson(bytes, PROGRAMME_BYTES_MAX)
  const text = canonicalText(value)
  const canonical = utf8Encode(text)
  if (canonical.length > PROGRAMME_BYTES_MAX)
    throw new PointerError('json-size', '', `more than ${PROGRAMME_BYTES_MAX} bytes`)
  const members = new At(value, '', 'programme').object(REQUIRED, OPTIONAL)
  if (members.at('format').value !== FORMAT) throw members.at('format').wrong(`expected "${FORMAT}"`)
  const unit = members.at('unit').name()
  const grain = members.maybe('grain')?.integer(1, 96) ?? 1
  if (96 % grain !== 0) throw members.at('grain').wrong('a grain divides the 96 quarter hours of a day')
  const fromMs = members.at('from').time()
  const untilMs = members.maybe('until')?.time()
  if (untilMs !== undefined && untilMs <= fromMs) throw members.at('until').wrong('a programme ends after it begins')
  const eventNames = members
    .at('events')
    .entries()
    .map(([name]) => name)
  const events = parseEvents(members.at('events'), parseMeters(members.maybe('meters'), eventNames))
  const groups = new Map<string, readonly Cap[]>()
  for (const [group, caps] of members.maybe('caps')?.entries() ?? []) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(group)) throw caps.wrong('a group has a name of small letters, digits and -')
    groups.set(group, capsAt(caps, group, undefined))
  }
  const campaigns = parseCampaigns(members.maybe('campaigns'))
  const { tiers, by } = parseTiers(members.maybe('tiers'))
  const rules = parseRules(members.at('rules'), {
    unit,
    grain,
    events,
    groups,
    campaigns,
    tiers,
    tierRules: new Set(by.map(one => one.name())),
    matures: members.maybe('matures') && dateAt(members.at('matures'), 'now'),
    expires: members.maybe('expires') && dateAt(members.at('expires'), 'never'),
  })
  checkNames(
    members.at('rules'),
    groups,
    campaigns.map(({ id }) => id),
    rules.map(({ group }) => group),
  )
  checkTierRules(by, rules)
  const spend = parseSpend(members.maybe('spend'))
  return {
    value: value as JsonObject,
    text,
    digest: toHex(engine().sha256(canonical)),
    name: members.at('name').name(),
    version: members.at('version').integer(1, VERSION_MAX),
    unit,
    title: titleFrom(members.maybe('title')),
    fromMs,
    untilMs,
    offsetMs: members.at('day').offset(),
    grain,
    lateMs: members.at('late').span(),
    events,
    rules,
    groups,
    campaigns,
    tiers,
    reversals: parseReversals(members.maybe('reversals'), events),
    spend,
    settle: parseSettle(members.maybe('settle'), spend),
    exchanges: parseExchanges(members.maybe('exchange'), unit),
    friends: parseFriends(members.maybe('collect')),
  }
}

function titleFrom(at: At | undefined): Record<string, string> {
  return Object.fromEntries(
    (at?.entries() ?? []).map(([language, text]) => {
      if (!/^[a-z]{2,3}$/.test(language)) throw text.wrong('a language has 2 or 3 small letters')
      return [language, text.text()]
    }),
  )
}

/** Caps are told apart by names: a group is no campaign, and one that has caps has rules. */
function checkNames(
  at: At,
  groups: ReadonlyMap<string, readonly Cap[]>,
  campaigns: readonly string[],
  used: readonly (string | undefined)[],
): void {
  for (const reserved of ['streak', 'tier'])
    if (groups.has(reserved) || campaigns.includes(reserved) || used.includes(reserved))
      throw at.wrong(`"${reserved}" is no name of a group or a campaign`)
  if (campaigns.includes('all')) throw at.wrong('"all" is no name of a campaign')
  for (const id of campaigns)
    if (groups.has(id) || used.includes(id)) throw at.wrong(`"${id}" is a group and a campaign`)
}
