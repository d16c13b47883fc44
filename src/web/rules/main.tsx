import { show } from '../shell/page.tsx'
import { readyPromises } from '../words/promises.ts'
import { RulesPage } from './page.tsx'

show(RulesPage, readyPromises)
