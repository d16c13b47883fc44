/** What a server answers at a path; undefined where it has nothing there. Rejects where it does not answer. */
export type Ask = (path: string) => Promise<Uint8Array | undefined>

/** Asks the server that the page came from. @throws Error where it does not answer, or with another status. */
export const askHere: Ask = async path => {
  const answer = await fetch(path)
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
  if (answer.status === 404) return undefined
  throw new Error(`${path} is answered ${answer.status}`)
}
