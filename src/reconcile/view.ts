import type { Readings } from '../model/readings.ts'
import type { Memory } from './memory.ts'

/** What an answer is read by, beside the answer itself. */
export interface View {
  /** When the answer came, in milliseconds. */
  at: number
  memory: Memory
  readings: Readings
  /** The object was sent again after an answer was lost, so it may have been applied more than once. */
  repeated: boolean
}
