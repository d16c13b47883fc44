import { CodedError } from '../../core/failure.ts'

/** What a server answers at a path; undefined where it has nothing there. Rejects where it does not answer. */
export type Ask = (path: string) => Promise<Uint8Array | undefined>

/** The server answers with a status that is no answer. */
class AskError extends CodedError {
  override readonly name = 'AskError'
}

/** Asks the server that the page came from. @throws TypeError where it does not answer; AskError for other statuses. */
export const askHere: Ask = async path => {
  const answer = await fetch(path)
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
  if (answer.status === 404) return undefined
  throw new AskError('http', `${path} is answered ${answer.status}`)
}
