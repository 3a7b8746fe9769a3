import { onTestFinished } from 'vitest'
import { createPost, type PostOptions } from '../../src/deliver/post.ts'
import type { Answer, Lost } from '../../src/model/exchange.ts'

export { listen, serve } from '../support/hostile.ts'

export const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'

export function postTo(url: URL, more: Partial<PostOptions> = {}) {
  const { post, close } = createPost({ url, key, connections: 2, ...more })
  onTestFinished(close)
  return post
}

export function answerOf(result: { answer: Answer } | { lost: Lost }): Answer {
  if ('lost' in result) throw new Error(`There is no response: ${result.lost.reason}.`)
  return result.answer
}

export function lostOf(result: { answer: Answer } | { lost: Lost }): Lost {
  if ('answer' in result) throw new Error(`There is an answer: ${result.answer.status}.`)
  return result.lost
}
