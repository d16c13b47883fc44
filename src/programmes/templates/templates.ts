import type { JsonObject } from '../document/json.ts'
import behaviour from './behaviour.json' with { type: 'json' }
import coins from './coins.json' with { type: 'json' }
import creators from './creators.json' with { type: 'json' }
import farm from './farm.json' with { type: 'json' }
import forest from './forest.json' with { type: 'json' }
import membership from './membership.json' with { type: 'json' }
import merchants from './merchants.json' with { type: 'json' }
import purchase from './purchase.json' with { type: 'json' }

/** Documents to begin with, by name: the six of docs/programmes.md §13, and the two rules that importers know. */
export const TEMPLATES: Readonly<Record<string, JsonObject>> = {
  coins,
  membership,
  farm,
  forest,
  creators,
  merchants,
  behaviour,
  purchase,
}
