import { z } from 'zod'
import { bytesOf, HttpError, OCTETS, PRIVATE, Rates, type Server, sendBytes, takeBytes } from '../../serving/index.ts'
import { shopKeyText } from '../books/signed-text.ts'
import { COMPLAINT_KINDS } from '../desk/check-file.ts'
import { COMPLAINT_BYTES_MAX, type Complaint } from '../desk/complaints.ts'
import type { Gateway } from '../gateway.ts'
import { bodyRefusals, bytesIn, reason, refusals, security, time, writeRefusals } from './schemas.ts'

/** Files that one address may hand in, a second and at once. */
const RATE = { rate: 0.2, burst: 10 }
const id = z.string().max(64).meta({ description: 'Of the answer when it was handed in' })
const words = z.string().min(1).max(500)

const answerSchema = z.object({
  at: time,
  by: z.string(),
  text: z.string(),
  upheld: z.boolean().meta({ description: 'Whether the shop says that the member is right' }),
  note: z.string().meta({ description: 'A signed note over it' }),
})

const receiptShape = {
  id: z.string(),
  kind: z.enum(COMPLAINT_KINDS),
  says: z.string().meta({ description: 'What the file proves, checked' }),
  digest: z.string().meta({ description: 'SHA-256 of the file, hex' }),
  bytes: z.int(),
  at: time,
  deadline: time.meta({ description: 'By when it is answered' }),
  receipt: z.string().meta({ description: 'A signed note: the file, and the deadline' }),
  overdue: z.boolean().meta({ description: 'Not answered by its deadline' }),
  answer: answerSchema.nullable(),
}
const openSchema = z.object(receiptShape)
const wholeSchema = z.object({ ...receiptShape, about: z.string().nullable(), contact: z.string().nullable() })

/** What members hand in against the operator or the shop. */
export function complaintRoutes(server: Server, gateway: Gateway): void {
  const rates = new Rates(RATE)
  server.register(async scope => {
    takeBytes(scope, OCTETS)
    ;(scope as Server).post(
      '/v1/complaints',
      {
        bodyLimit: COMPLAINT_BYTES_MAX,
        schema: {
          operationId: 'handInComplaint',
          tags: ['complaints'],
          summary: 'Hand in a refusal, a promise, a receipt or evidence: anyone may',
          description:
            'The body is the file, at most 1 MiB. It is kept where it convicts the operator of the log, or shows what is owed ' +
            'to an account or signer; the answer has a signed receipt with a deadline. What proves the same is kept once, ' +
            'and of one account or signer ten wait for an answer at most.',
          consumes: [OCTETS],
          querystring: z.strictObject({
            about: words.optional().meta({ description: 'What is wrong, in your words' }),
            contact: words.optional().meta({ description: 'Where you want the answer' }),
          }),
          body: z.unknown().meta({ type: 'string', description: 'The file' }),
          response: {
            200: openSchema,
            201: openSchema,
            ...bodyRefusals,
            409: bodyRefusals[400],
            422: bodyRefusals[400],
          },
        },
      },
      async (request, reply) => {
        const seconds = rates.take(request.ip, gateway.nowMs())
        if (seconds > 0)
          throw new HttpError(429, 'too-many', 'This address hands in too much. Come again later.', {
            'retry-after': String(seconds),
          })
        const { complaint, isNew } = await gateway.complaints.handIn(
          bytesIn(request.body, OCTETS).slice(),
          request.query,
        )
        return reply.status(isNew ? 201 : 200).send(openOf(gateway, complaint))
      },
    )
  })

  server.get(
    '/v1/complaints/:id',
    {
      schema: {
        operationId: 'getComplaint',
        tags: ['complaints'],
        summary: 'What became of a complaint: for anyone who has its id',
        params: z.object({ id }),
        response: { 200: openSchema, ...refusals },
      },
    },
    async request => openOf(gateway, await gateway.complaints.get(request.params.id)),
  )

  server.get(
    '/v1/complaints',
    {
      config: { scope: 'complaints' },
      schema: {
        operationId: 'listComplaints',
        tags: ['complaints'],
        security,
        summary: 'All complaints, the oldest first, and the key that receipts are signed with',
        querystring: z.strictObject({ state: z.enum(['open', 'overdue', 'answered']).optional() }),
        response: { 200: z.object({ complaints: z.array(wholeSchema), key: z.string() }), ...refusals },
      },
    },
    async request => {
      const { state } = request.query
      const all = (await gateway.complaints.list()).map(one => wholeOf(gateway, one))
      const fits = ({ answer, overdue }: z.infer<typeof wholeSchema>) =>
        state === undefined ||
        (state === 'answered' ? answer !== null : state === 'overdue' ? overdue : answer === null)
      return { complaints: all.filter(fits), key: shopKeyText(gateway.shop) }
    },
  )

  server.get(
    '/v1/complaints/:id/file',
    {
      config: { scope: 'complaints' },
      schema: {
        operationId: 'getComplaintFile',
        tags: ['complaints'],
        security,
        summary: 'The file, as it was handed in',
        params: z.object({ id }),
        response: { ...bytesOf(OCTETS, 'A refusal, a promise, a receipt or evidence (SPEC §9, §10)'), ...refusals },
      },
    },
    async (request, reply) => sendBytes(reply, await gateway.complaints.file(request.params.id), OCTETS, PRIVATE),
  )

  server.post(
    '/v1/complaints/:id/answer',
    {
      config: { scope: 'complaints' },
      schema: {
        operationId: 'answerComplaint',
        tags: ['complaints'],
        security,
        summary: 'Answer a complaint, once; the answer is signed',
        params: z.object({ id }),
        body: z
          .strictObject({ text: reason, upheld: z.boolean().meta({ description: 'Whether the member is right' }) })
          .meta({ examples: [{ text: 'The batch was sent again, and the points are there.', upheld: true }] }),
        response: { 200: wholeSchema, ...writeRefusals },
      },
    },
    async request => {
      const { text, upheld } = request.body
      const by = request.caller!.name
      return wholeOf(gateway, await gateway.complaints.answer(request.params.id, by, text, upheld))
    },
  )
}

function openOf(gateway: Gateway, complaint: Complaint): z.infer<typeof openSchema> {
  const { id, kind, says, digest, bytes, at, deadline, receipt, answer } = complaint
  return {
    ...{ id, kind, says, digest, bytes, at, deadline, receipt },
    overdue: answer === undefined && Date.parse(deadline) < gateway.nowMs(),
    answer:
      answer === undefined
        ? null
        : { at: answer.at, by: answer.by, text: answer.text, upheld: answer.isUpheld, note: answer.note },
  }
}

function wholeOf(gateway: Gateway, complaint: Complaint): z.infer<typeof wholeSchema> {
  const { about = null, contact = null } = complaint
  return { ...openOf(gateway, complaint), about, contact }
}
