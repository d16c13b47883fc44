import { useLanguage, useWords } from '../shell/language.ts'
import { Checks } from '../shell/marks.tsx'
import { amount, ends, moment } from '../shell/numbers.ts'
import { Calculator } from './calculator.tsx'
import { type AllRules, nameOf, type ReadRule, versionOf } from './read-rules.ts'
import { changesOf, wordsOf } from './reader.ts'
import { RULES } from './words.ts'

/** One version of a programme: its words, its history, and what it would give. */
export function ProgrammeView({ rule, all }: { rule: ReadRule; all: AllRules }) {
  const words = useWords(RULES)
  const language = useLanguage()
  const { programme, text, published } = rule
  const family = all.read.filter(one => nameOf(one) === nameOf(rule))
  const before = family[family.indexOf(rule) - 1]
  const title = programme?.title[language] ?? programme?.title['en'] ?? nameOf(rule)
  return (
    <article class="programme">
      <h2>
        {title} · {words.version(versionOf(rule, all.read))}
      </h2>
      <p class="small soft">
        {programme &&
          words.inForce(
            moment(programme.fromMs, language),
            programme.untilMs === undefined ? undefined : moment(programme.untilMs, language),
          )}
        {published.until > 0 && ` · ${words.revoked}`}
      </p>
      <div class="cols wide-left">
        <section>
          {programme && (
            <div class="told">
              {wordsOf(programme, language).map(paragraph => (
                <ul key={paragraph[0]}>
                  {paragraph.map(sentence => (
                    <li key={sentence}>{sentence}</li>
                  ))}
                </ul>
              ))}
            </div>
          )}
          {programme === undefined && text === undefined && <p>{words.noText}</p>}
          {programme === undefined && text !== undefined && (
            <>
              <p>{words.plainText}</p>
              <pre class="rule-text">{plain(text)}</pre>
            </>
          )}
        </section>
        <section>
          {programme && <Calculator programme={programme} />}
          <h2 class="next">{words.all}</h2>
          <p class="versions">
            {[...family].reverse().map(one => (
              <a
                key={one.published.record}
                href={`/rules/${encodeURIComponent(nameOf(one))}/${versionOf(one, all.read)}`}
                aria-current={one === rule ? 'page' : undefined}
              >
                {words.version(versionOf(one, all.read))}
              </a>
            ))}
          </p>
          {before?.programme && programme && (
            <>
              <h2 class="next">{words.changes(versionOf(before, all.read))}</h2>
              <Changes before={before} after={rule} />
            </>
          )}
        </section>
      </div>
      <div class="cols">
        <section>
          <h2>{words.checkedHead}</h2>
          <Checks
            of={[
              {
                state: 'ok',
                what: words.checked.registry,
                more: words.checked.registryMore(amount(all.size, language)),
              },
              ...(text === undefined
                ? []
                : [
                    {
                      state: 'ok' as const,
                      what: words.checked.text,
                      more: words.checked.textMore(ends(published.digest), amount(published.from, language)),
                    },
                  ]),
            ]}
          />
          {text !== undefined && (
            <p class="acts">
              <a class="button plain" href={`/v1/rules/${published.digest}`} download={`${nameOf(rule)}.json`}>
                {words.document}
              </a>
            </p>
          )}
        </section>
        <section>
          <h2>{words.uncheckedHead}</h2>
          <Checks
            of={['happened', 'kept', 'policy'].map(name => ({
              state: 'open' as const,
              what: words.open[name]![0],
              more: words.open[name]![1],
            }))}
          />
        </section>
      </div>
    </article>
  )
}

function Changes({ before, after }: { before: ReadRule; after: ReadRule }) {
  const words = useWords(RULES)
  const changes = changesOf(before.programme!, after.programme!)
  if (changes.length === 0) return <p class="small">{words.noChanges}</p>
  const shown = (value: unknown) => (value === undefined ? words.nothing : JSON.stringify(value))
  return (
    <>
      {changes.map(({ pointer, before: was, after: is }) => (
        <div class="change" key={pointer}>
          <code>{pointer}</code>
          <br />
          <span class="sr">{words.was} </span>
          <span class="from">{shown(was)}</span> <span class="sr">{words.is} </span>
          <b>{shown(is)}</b>
        </div>
      ))}
    </>
  )
}

/** A text of unknown kind, as text. */
function plain(text: Uint8Array): string {
  return new TextDecoder().decode(text)
}
