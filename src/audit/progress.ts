/** Long work of an auditor, in the order in which it can come. */
export type Stage = 'looking again' | 'writing the evidence' | 'reading the log' | 'replaying'

/** Is told how far a stage of long work is, in entries of the log. A stage that is not named any more has ended. */
export type OnStage = (stage: Stage, done: number, total: number) => void
