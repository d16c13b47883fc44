import { type ClaimedPage, pagesOfStatement, type StatementQuery, statementSearch } from '../../client/statements.ts'
import { concatBytes } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import { encodePage } from '../../verify/page.ts'
import { askWithToken, type ServerRefusal } from '../shell/ask-with-token.ts'

/**
 * Fetches a statement, page by page where it has several. What is none is for the verifier to refuse.
 *
 * @param question - a path with a query, for the server that the page came from.
 * @returns the statement or its pages, one after another, of which nothing is believed; or why there are none.
 */
export async function fetchStatement(question: string, token: string | undefined): Promise<Uint8Array | ServerRefusal> {
  const pages: ClaimedPage[] = []
  let last: Uint8Array = new Uint8Array(0)
  let refusal: ServerRefusal | undefined
  const askPage = async (query: StatementQuery) => {
    const answer = await askWithToken(`${question}&${statementSearch(query)}`, token)
    if (answer instanceof Uint8Array) last = answer
    else refusal = answer
    return answer instanceof Uint8Array ? answer : new Uint8Array(0)
  }
  try {
    for await (const page of pagesOfStatement(askPage)) pages.push(page)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return refusal ?? last
  }
  const [first] = pages
  return pages.length === 1 && first !== undefined ? first.statement : concatBytes(...pages.map(encodePage))
}
