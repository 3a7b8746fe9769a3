import { describe, expect, test } from 'vitest'
import { fault, reading } from '../../src/options/pairs.ts'

describe('--fault', () => {
  test.each([
    ['503=0.1', { kind: 'refuse', status: 503, share: 0.1 }],
    ['202', { kind: 'refuse', status: 202 }],
    ['html=0.05', { kind: 'html', share: 0.05 }],
    ['cut-after=1', { kind: 'cut_after', share: 1 }],
    ['wrong-identifier', { kind: 'wrong_identifier' }],
  ])('%s', (text, expected) => {
    expect(fault(text, 'fault')).toEqual(expected)
  })

  test.each(['', '=0.1', 'htm', '99', '600', '201', 'html=', 'html=2', 'html=x', 'html=-1'])(
    'not %j',
    text => {
      expect(() => fault(text, 'fault')).toThrow('`fault` should be')
    },
  )
})

describe('--reading', () => {
  test.each([
    ['longString=truncate', ['longString', 'truncate']],
    ['longString=keep_old', ['longString', 'keep_old']],
    ['arrayMax=25', ['arrayMax', 25]],
    ['arrayMax=7', ['arrayMax', 7]],
  ])('%s', (text, expected) => {
    expect(reading(text, 'reading')).toEqual(expected)
  })

  test.each(['longString', 'longString=cut', 'arrayMax=many', 'constructor=1', 'longStrin=truncate'])(
    'not %j',
    text => {
      expect(() => reading(text, 'reading')).toThrow('`reading` should be')
    },
  )
})
