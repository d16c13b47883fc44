import { useEffect, useState } from 'preact/hooks'
import { useWords } from '../../shell/language.ts'
import { later } from '../../shell/later.tsx'
import { Pick } from '../../verify/empty.tsx'
import type { KeptWallet, MadeKey } from './messages.ts'
import { bytesOfFiles, Failure, PassphraseField, Save, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { OWN } from './words.ts'

const QrCode = later(async () => (await import('../../shell/qr-code.tsx')).QrCode)
const Recover = later(async () => (await import('./recover.tsx')).Recover)

interface OpenProps {
  readonly thread: OwnThread
  onOpen(account: number): void
}

/** Nothing is open: with what it opens, how to make a key, and what to do without one. */
export function OpenWallet({ thread, onOpen }: OpenProps) {
  const words = useWords(OWN)
  const [kept, setKept] = useState<readonly KeptWallet[]>([])
  const [locked, setLocked] = useState<readonly Uint8Array[]>()
  const [passphrase, setPassphrase] = useState('')
  const { isRunning, failure, run } = useHandWork()
  useEffect(() => void thread.kept().then(setKept, () => {}), [])
  const open = (files: readonly Uint8Array[], name?: string, word?: string) =>
    run(async () => {
      try {
        onOpen(await thread.open(files, name, word))
        setPassphrase('')
      } catch (error) {
        const isAsked = (error as { code?: string }).code === 'key-locked' && word === undefined
        if (!isAsked) throw error
        setLocked(files)
      }
    })
  return (
    <>
      <div class="verdict">
        <h1>{words.start}</h1>
        <p class="prose">{words.startMore}</p>
      </div>
      {kept.map(one => (
        <KeptCard key={one.name} of={one} isRunning={isRunning} onOpen={word => open([], one.name, word)} />
      ))}
      {locked === undefined ? (
        <div class="drop">
          <div class="acts">
            <Pick
              label={isRunning ? words.opening : words.files}
              onFiles={async list => open(await bytesOfFiles(list))}
            />
          </div>
          <p class="small soft prose">{words.filesMore}</p>
        </div>
      ) : (
        <form
          class="card"
          onSubmit={event => {
            event.preventDefault()
            open(locked, undefined, passphrase)
          }}
        >
          <p>{words.passphraseAsk}</p>
          <PassphraseField value={passphrase} onValue={setPassphrase} />
          <p class="acts">
            <button type="submit" class="button" disabled={isRunning}>
              {isRunning ? words.opening : words.open}
            </button>
            <button type="button" class="button plain" onClick={() => setLocked(undefined)}>
              {words.cancel}
            </button>
          </p>
        </form>
      )}
      <Failure of={failure} />
      <p class="small soft prose">{words.link}</p>
      <details class="more">
        <summary>{words.makeHead}</summary>
        <MakeKey thread={thread} />
      </details>
      <details class="more">
        <summary>{words.recoverHead}</summary>
        <Recover thread={thread} />
      </details>
    </>
  )
}

interface KeptCardProps {
  readonly of: KeptWallet
  readonly isRunning: boolean
  onOpen(passphrase: string | undefined): void
}

/** A wallet that this device keeps: opened by its passphrase, or only looked at. */
function KeptCard({ of: { unit, account, origin, hasKey }, isRunning, onOpen }: KeptCardProps) {
  const words = useWords(OWN)
  const [passphrase, setPassphrase] = useState('')
  return (
    <form
      class="card"
      onSubmit={event => {
        event.preventDefault()
        onOpen(passphrase)
      }}
    >
      <p class="label">{words.keptHere}</p>
      <h2>{words.keptName(unit ?? origin, account)}</h2>
      {hasKey && <PassphraseField value={passphrase} onValue={setPassphrase} />}
      <p class="acts">
        {hasKey && (
          <button type="submit" class="button" disabled={isRunning}>
            {isRunning ? words.opening : words.open}
          </button>
        )}
        <button type="button" class="button plain" disabled={isRunning} onClick={() => onOpen(undefined)}>
          {words.lookKept}
        </button>
      </p>
      <p class="tiny soft">{words.keptMore}</p>
    </form>
  )
}

/** A key, made here: saved by her, and shown to the shop as two lines and a code. */
function MakeKey({ thread }: { thread: OwnThread }) {
  const words = useWords(OWN)
  const [made, setMade] = useState<MadeKey>()
  const { failure, run } = useHandWork()
  if (made === undefined)
    return (
      <>
        <p class="prose">{words.makeMore}</p>
        <p class="acts">
          <button type="button" class="button" onClick={() => run(async () => setMade(await thread.make()))}>
            {words.make}
          </button>
        </p>
        <Failure of={failure} />
      </>
    )
  const lines = `${words.madePublic} ${made.publicKey}\n${words.madeNonce} ${made.nonce}`
  return (
    <div role="status">
      <h2>{words.made}</h2>
      <p class="acts">
        <Save bytes={made.file} file={`tallystick-${made.publicKey.slice(0, 8)}.key.json`}>
          {words.save}
        </Save>
      </p>
      <p class="prose">{words.madeMore}</p>
      <pre class="keylines">{lines}</pre>
      <QrCode text={`${made.publicKey}\n${made.nonce}`} label={words.madeMore} />
      <p class="small soft prose">{words.madeThen}</p>
    </div>
  )
}
