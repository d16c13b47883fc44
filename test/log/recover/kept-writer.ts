import { writeSync } from 'node:fs'
import { FIRST_MEMBER, World } from '../../world.ts'

// Opens the world in argv[2], with a snapshot at every seal, and writes to it for ever: prints the size of the log
// after each acknowledgement. Meant to be killed.
const world = await World.at(process.argv[2]!, { snapshotEntries: 1 })
for (let n = 0; ; n++) {
  const expires = Math.ceil(world.nowMs / 3_600_000) + 2 + (n % 50)
  const dated = { ...world.issue(FIRST_MEMBER, 10), matures: 0, expires }
  await world.submit([world.issuer], world.bytes(dated), world.bytes(world.issue(FIRST_MEMBER, 3)))
  await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 8 + (n % 5) * 10 ** 6)))
  writeSync(1, `${world.log.size};\n`)
  if (n % 3 === 0) await world.submit([world.registrar], world.bytes(world.openMember()))
  if (n % 2 === 0) await world.log.publisher.publish()
}
