import type { Command } from 'commander'
import { GatewayCall, type GatewayRemote, shopPath } from '../input/gateway-call.ts'
import { wholeNumber } from '../input/options.ts'
import { print, printJson, table } from '../screen/screen.ts'
import { asking } from './shop.ts'

interface WebhookShown {
  readonly id: string
  readonly url: string
  readonly types: readonly string[] | null
  readonly waiting: number
  readonly dead: number
  readonly ended: string | null
}

/** `tally webhook`: where a shop is told of what happens. */
export function webhookCommands(program: Command): void {
  const webhook = program
    .command('webhook')
    .summary('URLs that receive the events of a shop: add, list, dead, replay, rotate, remove')
    .description('URLs to which the gateway of a shop posts each event, signed.')
  asking(webhook.command('add <url>'), 'be told of what happens at a URL, and print its secret this once', [
    'webhook add https://shop.example/hooks/points',
    'webhook add http://127.0.0.1:3000/hooks --types points.earned,points.expiring --after 6200',
  ])
    .option('--types <names>', 'what to be told of, with commas between; all but ledger.sealed by default')
    .option('--within <time>', 'how long before they expire points.expiring comes; 7d by default')
    .option('--after <index>', 'log index after which to begin; by default now', wholeNumber)
    .action(async (url: string, options: GatewayRemote & { types?: string; within?: string; after?: number }) => {
      const { types, within, after, json } = options
      const made = await (await GatewayCall.open(options)).ask<WebhookShown & { secret: string }>('/v1/webhooks', {
        body: { url, types: types?.split(','), within, after },
      })
      if (json) printJson(made)
      else print(`Added: ${made.id}, ${url}\n  secret  ${made.secret}\n`)
    })
  asking(webhook.command('list'), 'all webhooks, with what waits for each and what was given up', [
    'webhook list',
  ]).action(async (options: GatewayRemote) => {
    const { webhooks } = await (await GatewayCall.open(options)).ask<{ webhooks: WebhookShown[] }>('/v1/webhooks')
    if (options.json) printJson(webhooks)
    else
      print(
        table([
          ['id', 'url', 'waiting', 'dead', 'types'],
          ...webhooks.map(({ id, url, waiting, dead, types, ended }) => [
            ...[id, url, waiting, dead, ended ?? types?.join(',') ?? 'all'],
          ]),
        ]),
      )
  })
  asking(webhook.command('dead <id>'), 'what was given up for a webhook, and what became of the last try', [
    'webhook dead wh_3pTq',
  ])
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action(async (id: string, options: GatewayRemote & { limit: number }) => {
      const call = await GatewayCall.open(options)
      const { dead } = await call.ask<{ dead: { event: { id: string; type: string }; tries: number; last: string }[] }>(
        shopPath('webhooks', id, '/dead'),
        { query: { limit: options.limit } },
      )
      if (options.json) printJson(dead)
      else print(table(dead.map(({ event, tries, last }) => [event.id, event.type, tries, last])))
    })
  asking(webhook.command('replay <id>'), 'send again: what was given up, or all after a log index', [
    'webhook replay wh_3pTq',
    'webhook replay wh_3pTq --after 6200',
  ])
    .option('--after <index>', 'log index', wholeNumber)
    .action(async (id: string, options: GatewayRemote & { after?: number }) => {
      const call = await GatewayCall.open(options)
      const { after } = options
      const shown = await call.ask<WebhookShown>(shopPath('webhooks', id, '/replay'), { body: { after } })
      if (options.json) printJson(shown)
      else print(`Sent again for ${id}: ${shown.waiting} events wait.\n`)
    })
  asking(webhook.command('rotate <id>'), 'another secret; the one before signs beside it for a day', [
    'webhook rotate wh_3pTq',
  ]).action(async (id: string, options: GatewayRemote) => {
    const call = await GatewayCall.open(options)
    const made = await call.ask<{ secret: string }>(shopPath('webhooks', id, '/rotate'), { body: {} })
    if (options.json) printJson(made)
    else print(`${made.secret}\n`)
  })
  asking(webhook.command('remove <id>'), 'end a webhook, with all that waits for it', [
    'webhook remove wh_3pTq',
  ]).action(async (id: string, options: GatewayRemote) => {
    const removed = await (await GatewayCall.open(options)).ask(shopPath('webhooks', id), { method: 'DELETE' })
    if (options.json) printJson(removed)
    else print(`Removed: ${id}.\n`)
  })
}
