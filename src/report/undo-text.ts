import { type LeftReason, leftReasons, type UndoPlan } from '../model/undo-plan.ts'
import { type Paint, plain, wrap } from './layout.ts'
import { count, number } from './summary-text.ts'

/** What an undo would do, for a terminal: before anything is sent. */
export function undoText(plan: UndoPlan, paint: Paint = plain): string {
  const { users, values, asBefore, occurrences, left, leftFile } = plan
  const leftAlone = Object.values(left).reduce((sum, times) => sum + times, 0)
  const stays = `${count(occurrences, 'row')} with an event or a purchase: nothing takes those back`
  return [
    ...figure('put back', values === 0 ? 'nothing' : `${count(values, 'value')} of ${count(users, 'user')}`),
    ...(asBefore === 0 ? [] : figure('as before', `${count(asBefore, 'value')}, with nothing to do`)),
    ...(leftAlone === 0
      ? []
      : figure('left alone', paint('yellow', `${count(leftAlone, 'value')}, listed in ${leftFile}`))),
    ...Object.entries(left).flatMap(([reason, times]) =>
      times === 0 ? [] : wrap(`    ${reason}  ${number(times)}: ${leftReasons[reason as LeftReason]}`, 6),
    ),
    ...(occurrences === 0 ? [] : figure('stays', paint('yellow', stays))),
  ].join('\n')
}

function figure(name: string, text: string): string[] {
  return wrap(`  ${name.padEnd(11)}  ${text}`, 15)
}
