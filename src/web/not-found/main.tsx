import type { Both } from '../shell/both.ts'
import { useWords } from '../shell/language.ts'
import { Page, show } from '../shell/page.tsx'

interface NotFoundWords {
  readonly title: string
  readonly head: string
  readonly more: string
  readonly trust: string
}

const WORDS: Both<NotFoundWords> = {
  en: {
    title: 'Not found',
    head: 'There is no page here.',
    more: 'The pages that there are stand above, and at the foot. Programs find the API described at /docs.',
    trust: 'this page checks nothing.',
  },
  zh: {
    title: '没有这一页',
    head: '这里没有页面。',
    more: '有哪些页面，见上方和页脚。程序接口的说明在 /docs。',
    trust: '这一页不核对任何东西。',
  },
}

function NotFound() {
  const words = useWords(WORDS)
  return (
    <Page title={words.title} brandMore={words.title} trust={words.trust}>
      <div class="verdict">
        <h1>{words.head}</h1>
        <p>{words.more}</p>
      </div>
    </Page>
  )
}

show(NotFound)
