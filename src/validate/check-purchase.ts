import { isCurrency } from '../braze/accepts.ts'
import { limits } from '../braze/limits.ts'
import type { JsonObject } from '../model/json.ts'
import { type Problem, problem, sample } from '../model/problem.ts'
import { checkLength } from './check-properties.ts'

/** Currency, quantity and product of a purchase. A negative price is a refund. Source: braze-docs purchase_object. */
export function checkPurchase(body: JsonObject): Problem[] {
  const { currency, quantity } = body
  const problems = checkLength(body['product_id'], 'product_id', limits.productIdCharacters.max)
  if (typeof currency === 'string' && currency !== '' && !isCurrency(currency)) {
    problems.push(outside('currency', 'an ISO 4217 code such as USD', currency))
  }
  const max = limits.purchaseQuantity.max
  if (typeof quantity === 'number' && Number.isInteger(quantity) && (quantity < 1 || quantity > max)) {
    problems.push(outside('quantity', `between 1 and ${max}`, quantity))
  }
  return problems
}

function outside(field: string, expected: string, value: string | number): Problem {
  const came = sample(value)
  return problem('field_value', `\`${field}\` should be ${expected}; it is ${came}.`, {
    field,
    expected,
    came,
  })
}
