import { useWords } from '../shell/language.ts'
import { ShopAskError, type ShopTrouble } from './ask-shop.ts'
import { CONSOLE } from './words.ts'

/** Why the gateway did not give what was asked. */
export interface ShopProblem {
  readonly trouble: ShopTrouble
  readonly said: string | undefined
}

/** What an error of asking is for people. */
export function problemIn(error: unknown): ShopProblem {
  return error instanceof ShopAskError ? error : { trouble: 'refused', said: String(error) }
}

/** Says it, with the words of the gateway. */
export function Alarm({ problem }: { problem: ShopProblem | undefined }) {
  const words = useWords(CONSOLE)
  if (problem === undefined) return null
  return (
    <div class="alarm" role="alert">
      <b>{words.troubles[problem.trouble]}</b> {problem.said !== undefined && <span lang="en">{problem.said}</span>}
    </div>
  )
}
