import { useState } from 'preact/hooks'
import { useWords } from '../shell/language.ts'
import type { ShopAsker } from './ask-shop.ts'
import { Alarm, problemIn, type ShopProblem } from './trouble.tsx'
import { CONSOLE } from './words.ts'

interface FreezeProps {
  readonly shop: ShopAsker
  readonly member: string
  readonly unit: string
  readonly isFrozen: boolean
  onDone(): void
}

/** Stops an account from spending, or lets it spend again: said in one sentence before it is done. */
export function Freeze({ shop, member, unit, isFrozen, onDone }: FreezeProps) {
  const { freeze: words, acts } = useWords(CONSOLE)
  const [isSure, setSure] = useState(false)
  const [problem, setProblem] = useState<ShopProblem>()
  const send = () => {
    setProblem(undefined)
    shop.freeze(member, unit, !isFrozen).then(
      () => {
        setSure(false)
        onDone()
      },
      error => setProblem(problemIn(error)),
    )
  }
  return (
    <>
      <Alarm problem={problem} />
      {isSure ? (
        <div class="say" role="status">
          <p>{(isFrozen ? words.letGo : words.stop)(member, unit)}</p>
          <p class="acts">
            <button type="button" class="button" onClick={send}>
              {acts.confirm}
            </button>
            <button type="button" class="button plain" onClick={() => setSure(false)}>
              {acts.back}
            </button>
          </p>
        </div>
      ) : (
        <p class="acts">
          <button type="button" class="button plain" onClick={() => setSure(true)}>
            {isFrozen ? words.unfreeze : words.freeze}
          </button>
        </p>
      )}
    </>
  )
}
