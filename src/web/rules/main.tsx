import { show } from '../shell/page.tsx'
import { RulesPage } from './page.tsx'

show(RulesPage)
