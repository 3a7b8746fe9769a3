/** Where a record lies: the file as it was named, the 1-based data record, the 1-based physical line it begins on. */
export interface Place {
  file: string
  row: number
  line: number
}
