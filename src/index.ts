/**
 * track-sync as a library. The commands do their work through these very functions: what they do, a program can do.
 * Nothing here touches the process: no handlers are installed, nothing is printed, nothing exits.
 */
export type { Clock } from './model/clock.ts'
export { type Order, orders } from './deliver/claim.ts'
export type { Mapping } from './map/mapping.ts'
export { columnTypes, type ColumnType } from './map/column-types.ts'
export { type Answer, type Exchange, type Lost, perMinute, type Rate } from './model/exchange.ts'
export { type Exit, exits, type Stop } from './model/exit.ts'
export { type Kind, kinds } from './model/kind.ts'
export type { Json, JsonObject } from './model/json.ts'
export { type Limit, limits } from './braze/limits.ts'
export type { Flags, NextCommand, NextStep } from './model/next-command.ts'
export { type Outcome, outcomes } from './model/outcome.ts'
export type { Plan, PlanColumn, PlanFile, PlannedLookups } from './model/plan.ts'
export { type Problem, type ProblemCode, problemCodes, TrackSyncError } from './model/problem.ts'
export type { ErrorBudget, Progress } from './model/progress.ts'
export { type Readings, readings } from './braze/assumptions.ts'
export { type Replay, replays } from './braze/idempotency.ts'
export { type Encoding, encodings, type Format, formats } from './model/row.ts'
export type { RunFacts } from './model/run-facts.ts'
export type { RunStatus, Summary } from './model/summary.ts'
export { type ReasonCode, reasons, type Verdict, verdicts } from './model/verdict.ts'
export { type LeftReason, leftReasons, type UndoPlan } from './model/undo-plan.ts'
export { version } from './model/version.ts'
export {
  type AuditOptions,
  type AuditRunOptions,
  defaults,
  type ImportOptions,
  type PlanOptions,
  type ReportOptions,
  type ResumeOptions,
  resumeSettings,
  type UndoOptions,
} from './options.ts'
export type { Source, Stream } from './parse/source.ts'
export { type Asked, type Judgement, Memory } from './reconcile/reconcile.ts'
export { type Change, type ChangeCounts, changes } from './report/changes.ts'
export { comparisonText } from './report/compare-text.ts'
export { planText } from './report/plan-text.ts'
export { summaryText } from './report/summary-text.ts'
export { createSandbox, findRunFolder, readMapping, reconcile } from './run/checked-calls.ts'
export { onceRun, type OnceRun } from './run/once.ts'
export { type Comparison, type Receipt, report } from './run/report.ts'
export { audit, auditRun, importFiles, plan, readRun, resume, undo } from './run.ts'
export {
  type Fault,
  type FaultEndpoint,
  type FaultKind,
  faultKinds,
  isFaultKind,
} from './sandbox/faults.ts'
export type { Latency } from './sandbox/random.ts'
export type { Pinned, SandboxRules } from './sandbox/rules.ts'
export type { Sandbox, SandboxCall, SandboxOptions } from './sandbox/server.ts'
