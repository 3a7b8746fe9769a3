import { type LeftReason, leftReasons, type UndoPlan } from '../model/undo-plan.ts'
import { type Paint, plain, wrap } from './layout.ts'
import { count, number } from './summary-text.ts'

/** What an undo would do, for a terminal: before anything is sent. */
export function undoText(plan: UndoPlan, paint: Paint = plain): string {
  const { asBefore, occurrences, left, leftFile, lookupFailure } = plan
  const leftAlone = leftAloneIn(plan)
  const stays = `${count(occurrences, 'row')} with an event or a purchase: nothing takes those back`
  return [
    ...figure('put back', putBackOf(plan)),
    ...(asBefore === 0 ? [] : figure('as before', `${count(asBefore, 'value')}, with nothing to do`)),
    ...(leftAlone === 0
      ? []
      : figure('left alone', paint('yellow', `${count(leftAlone, 'value')}, listed in ${leftFile}`))),
    ...Object.entries(left).flatMap(([reason, times]) =>
      times === 0 ? [] : wrap(`    ${reason}  ${number(times)}: ${leftReasons[reason as LeftReason]}`, 6),
    ),
    ...(lookupFailure === null ? [] : wrap(`      ${lookupFailure}`, 6)),
    ...(occurrences === 0 ? [] : figure('stays', paint('yellow', stays))),
  ].join('\n')
}

/** The same in one sentence, for a log. */
export function shortUndo(plan: UndoPlan): string {
  const { asBefore, occurrences } = plan
  const stays = `events and purchases, which stay: ${count(occurrences, 'row')}`
  return [
    `put back: ${putBackOf(plan)}`,
    `as before: ${count(asBefore, 'value')}`,
    `left alone: ${count(leftAloneIn(plan), 'value')}`,
    ...(occurrences === 0 ? [] : [stays]),
  ].join('; ')
}

function putBackOf({ users, values }: UndoPlan): string {
  return values === 0 ? 'nothing' : `${count(values, 'value')} of ${count(users, 'user')}`
}

function leftAloneIn({ left }: UndoPlan): number {
  return Object.values(left).reduce((sum, times) => sum + times, 0)
}

function figure(name: string, text: string): string[] {
  return wrap(`  ${name.padEnd(11)}  ${text}`, 15)
}
